import {h} from '../preact/preact.module.js';
import {ago, amount, duration} from '../format.js';
import {AgentLink, FrameworkLink, Table} from '../parts.js';

export function offerTable(offers, now) {
  return h(Table, {
    caption: 'Offers', rows: offers, rowKey: offer => offer.id, empty: 'No offer is outstanding: everything is used, refused for a while, or nobody wants offers.', sort: 6,
    columns: [
      {name: 'Framework', value: offer => offer.framework.name, cell: offer => h(FrameworkLink, {framework: offer.framework})},
      {name: 'Role', value: offer => offer.allocation_info.role, cell: offer => offer.allocation_info.role},
      {name: 'Agent', value: offer => offer.agent?.hostname || offer.slave_id, cell: offer => h(AgentLink, {agent: offer.agent, id: offer.slave_id})},
      {name: 'CPUs', num: true, value: offer => offer.resources.cpus, cell: offer => amount('cpus', offer.resources.cpus)},
      {name: 'Memory', num: true, value: offer => offer.resources.mem, cell: offer => amount('mem', offer.resources.mem)},
      {name: 'Disk', num: true, value: offer => offer.resources.disk, cell: offer => amount('disk', offer.resources.disk)},
      {name: 'Made', num: true, value: offer => offer.made_time, cell: offer => ago(offer.made_time, now)},
      {name: 'Expires', num: true, value: offer => offer.expires_time || Infinity, cell: offer => (offer.expires_time ? `in ${duration(offer.expires_time - now)}` : 'never')},
      {name: 'Id', class: 'id', value: offer => offer.id, cell: offer => h('span', {title: offer.id}, offer.id.slice(offer.id.lastIndexOf('-') + 1))},
    ],
  });
}

export function Offers({model, now}) {
  return h('div', null,
    h('h1', null, 'Offers'),
    h('p', {class: 'sub'}, 'Resources that frameworks hold and have not answered. A framework’s page says why it is offered nothing.'),
    h('section', {class: 'panel flush'}, offerTable(model.offers, now)));
}
