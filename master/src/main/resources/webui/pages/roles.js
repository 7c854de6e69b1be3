import {h} from '../preact/preact.module.js';
import {amount, number, percent} from '../format.js';
import {FrameworkLink, Polled, Table} from '../parts.js';
import {QuotaForm} from './quota.js';

const ASK_MS = 4000;
const SCALARS = ['cpus', 'mem', 'disk', 'gpus'];

export function Roles({model}) {
  return h('div', null,
    h('h1', null, 'Roles'),
    h('p', {class: 'sub'}, 'Who shares the cluster: the role with the smallest share, divided by its weight, is offered resources first. What counts for a role counts for those above it.'),
    h(Polled, {
      url: 'roles', every: ASK_MS, waiting: 'Reading the roles…',
      show: ({roles}) => h('section', {class: 'panel flush'}, h(Table, {
        caption: 'Roles', rows: roles, rowKey: role => role.name, empty: 'No role is in use.',
        columns: [
          {name: 'Role', value: role => role.name, cell: role => roleName(role, roles)},
          {name: 'Weight', num: true, value: role => role.weight, cell: role => number(role.weight)},
          {name: 'Share', value: role => share(role, model), cell: role => h(Share, {share: share(role, model)})},
          {name: 'CPUs', value: role => role.resources.cpus, cell: role => h(QuotaBar, {name: 'cpus', role, model})},
          {name: 'Memory', value: role => role.resources.mem, cell: role => h(QuotaBar, {name: 'mem', role, model})},
          {name: 'Quota', class: 'wrap', cell: role => quota(role.quota)},
          {name: 'Reserved', class: 'wrap', cell: role => resources(role.reserved)},
          {name: 'Frameworks', class: 'wrap', value: role => role.frameworks.length, cell: role => frameworks(role, model)},
        ],
      })),
    }),
    h('p', {class: 'legend'},
      h('span', null, h('i', {class: 'used'}), 'used'),
      h('span', null, h('i', {class: 'offered'}), 'offered'),
      h('span', null, h('i', {class: 'tick'}), 'guaranteed'),
      h('span', null, 'A bar ends at the limit, or at the whole cluster where there is none.')),
    h(QuotaForm));
}

/** Below its parent where that is shown too. */
function roleName(role, roles) {
  const slash = role.name.lastIndexOf('/');
  const nested = slash > 0 && roles.some(other => other.name === role.name.slice(0, slash));
  const depth = nested ? role.name.split('/').length - 1 : 0;
  return h('span', {title: role.name, style: {paddingLeft: `${depth * 16}px`}}, nested ? role.name.slice(slash + 1) : role.name);
}

/** The dominant share: of what it has the largest part, 0 to 1. */
function share(role, model) {
  return Math.max(0, ...model.totals.filter(t => t.total > 0).map(t => (role.resources[t.name] || 0) / t.total));
}

function Share({share: part}) {
  return h('span', {class: 'quota'},
    h('span', {class: 'mini', 'aria-hidden': 'true'}, h('span', {class: 'used', style: {width: percent(part)}})),
    percent(part));
}

function QuotaBar({name, role, model}) {
  const total = model.totals.find(t => t.name === name).total;
  const limit = role.quota.limit[name];
  const guarantee = role.quota.guarantee[name];
  const end = limit === undefined ? Math.max(total, guarantee || 0) : limit;
  const part = value => percent(end > 0 ? Math.min(1, value / end) : 0);
  return h('span', {class: 'quota'},
    h('span', {class: 'mini', 'aria-hidden': 'true'},
      h('span', {class: 'used', style: {width: part(role.allocated[name] || 0)}}),
      h('span', {class: 'offered', style: {width: part(role.offered[name] || 0)}}),
      guarantee > 0 ? h('span', {class: 'tick', style: {left: part(guarantee)}}) : null),
    `${amount(name, role.resources[name] || 0)} / ${amount(name, end)}`);
}

function quota({guarantee, limit, consumed}) {
  return [...new Set([...Object.keys(guarantee), ...Object.keys(limit)])].map(name => [
    name,
    guarantee[name] === undefined ? '' : `${amount(name, guarantee[name])} guaranteed`,
    limit[name] === undefined ? '' : `at most ${amount(name, limit[name])}`,
    `has ${amount(name, consumed[name] || 0)}`,
  ].filter(Boolean).join(', ').replace(', ', ': ')).join('; ');
}

function resources(all) {
  return SCALARS.filter(name => all[name] > 0).map(name => `${name} ${amount(name, all[name])}`).join(', ');
}

function frameworks(role, model) {
  return role.frameworks.map((id, i) => [
    i > 0 ? ', ' : '',
    model.byId.has(id) ? h(FrameworkLink, {key: id, framework: model.byId.get(id)}) : id,
  ]);
}
