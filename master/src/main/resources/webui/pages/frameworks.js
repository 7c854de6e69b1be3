import {h} from '../preact/preact.module.js';
import {ago, amount, clock, kind, link, words} from '../format.js';
import {Badge, Crumbs, Facts, FrameworkLink, Table, lastOf} from '../parts.js';
import {taskTable} from './tasks.js';
import {offerTable} from './offers.js';
import {Why, constraintWords} from './why.js';

export function Frameworks({model, now}) {
  return h('div', null,
    h('h1', null, 'Frameworks'),
    h('p', {class: 'sub'}, 'Schedulers that are offered resources and launch tasks.'),
    h('section', {class: 'panel flush'}, h(Table, {
      caption: 'Frameworks', rows: model.frameworks, rowKey: f => f.id, empty: 'No framework has subscribed yet.', sort: 1,
      columns: [
        {name: 'Framework', value: f => f.name, cell: f => h('span', null, h(FrameworkLink, {framework: f}), h('span', {class: 'dim'}, ` ${f.user}`))},
        {name: 'State', value: f => f.status.label, cell: f => h(Badge, f.status)},
        {name: 'Roles', value: f => f.roles.join(), cell: f => f.roles.join(', ')},
        {name: 'Tasks', num: true, value: f => active(f), cell: f => active(f)},
        {name: 'CPUs', num: true, value: f => f.used_resources.cpus, cell: f => amount('cpus', f.used_resources.cpus)},
        {name: 'Memory', num: true, value: f => f.used_resources.mem, cell: f => amount('mem', f.used_resources.mem)},
        {name: 'Offers', num: true, value: f => f.offers.length, cell: f => f.offers.length},
        {name: 'Why', class: 'wrap', cell: f => h('span', {class: 'why'}, f.status.why)},
        {name: 'Registered', num: true, value: f => f.registered_time, cell: f => ago(f.registered_time, now)},
      ],
    })));
}

export function Framework({model, now, id}) {
  const framework = model.byId.get(id);
  if (!framework) {
    return h('div', null, h(Crumbs, {items: [['Frameworks', '#/frameworks']]}), h('h1', null, id), h('p', {class: 'sub'}, 'Not known to this master.'));
  }
  const ui = link(framework.webui_url);
  return h('div', null,
    h(Crumbs, {items: [['Frameworks', '#/frameworks']]}),
    h('h1', null, `${framework.name} `, h(Badge, framework.status)),
    h('p', {class: 'sub mono'}, framework.id),
    framework.status.why ? h('p', {class: 'notice'}, framework.status.why) : null,
    h('div', {class: 'grid'},
      h('section', {class: 'panel w5'}, h('h2', null, 'Framework'), h(Facts, {items: [
        ['User', framework.user],
        ['Host', framework.hostname],
        ['Principal', framework.principal],
        ['Web UI', ui ? h('a', {href: ui, rel: 'noreferrer'}, ui) : null],
        ['Roles', framework.roles.join(', ')],
        ['Suppressed roles', (framework.suppressed_roles || []).join(', ')],
        ['Offer constraints', constraintWords(framework.offer_constraints)],
        ['Failover timeout', `${framework.failover_timeout} s`],
        ['Checkpoint', framework.checkpoint ? 'yes' : 'no'],
        ['Registered', `${clock(framework.registered_time)} (${ago(framework.registered_time, now)})`],
        ['Back since', framework.reregistered_time ? clock(framework.reregistered_time) : null],
        ['Removed', framework.unregistered_time ? clock(framework.unregistered_time) : null],
        ['Used', ['cpus', 'mem', 'disk', 'gpus'].filter(n => framework.used_resources[n]).map(n => `${amount(n, framework.used_resources[n])} ${n}`).join(', ')],
        ['Capabilities', framework.capabilities.map(words).join(', ')],
      ]})),
      h('section', {class: 'panel w7'}, h('h2', null, 'Offers'),
        framework.completed ? h('p', {class: 'dim'}, 'Removed.') : h(Why, {key: framework.id, id: framework.id, offers: framework.offers.length, now}))),
    framework.offers.length === 0 ? null : h('section', {class: 'panel flush'}, h('h2', null, 'Outstanding offers'),
      offerTable(offersTo(model, id), now)),
    h('section', {class: 'panel flush'}, h('h2', null, 'Tasks'), taskTable(framework.allTasks, now, 'It has launched no task yet.')));
}

const active = f => f.allTasks.filter(task => task.running || kind(task.state) === 'busy').length;

const offersTo = lastOf((model, id) => model.offers.filter(offer => offer.framework.id === id));
