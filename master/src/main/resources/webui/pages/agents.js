import {h} from '../preact/preact.module.js';
import {ago, clock} from '../format.js';
import {Action, AgentLink, Badge, Crumbs, Facts, Legend, Meter, Mini, Polled, Table} from '../parts.js';
import {Maintenance} from './maintenance.js';
import {Reservations} from './reservations.js';
import {expectedWhy, totals} from '../model.js';
import {taskTable} from './tasks.js';

const ASK_MS = 5000;

const usage = name => ({
  name: {cpus: 'CPUs', mem: 'Memory', disk: 'Disk'}[name],
  value: agent => (agent.resources[name] > 0 ? agent.used_resources[name] / agent.resources[name] : 0),
  cell: agent => h(Mini, {name, total: agent.resources[name], used: agent.used_resources[name]}),
});

export function Agents({model, now}) {
  return h('div', null,
    h('h1', null, 'Agents'),
    h('p', {class: 'sub'}, `${model.agents.size} registered, ${model.state.unreachable_slaves} unreachable, ${model.state.recovered_slaves.length} expected back.`),
    h('section', {class: 'panel flush'}, h(Table, {
      caption: 'Agents', rows: model.agentList, rowKey: agent => agent.id,
      empty: 'No agent is registered. Start one with: ./paddock agent --master ' + model.state.leader_info.hostname + ':' + model.state.leader_info.port,
      columns: [
        {name: 'Agent', value: agent => agent.hostname + agent.id, cell: agent => h('span', null, h(AgentLink, {agent, id: agent.id}), h('span', {class: 'dim'}, ` :${agent.port}`))},
        {name: 'State', value: agent => agent.status.label, cell: agent => h(Badge, agent.status)},
        usage('cpus'), usage('mem'), usage('disk'),
        {name: 'Tasks', num: true, value: agent => running(agent), cell: agent => running(agent)},
        {name: 'Attributes', class: 'wrap', cell: agent => attributes(agent)},
        {name: 'Registered', num: true, value: agent => agent.registered_time, cell: agent => ago(agent.reregistered_time || agent.registered_time, now)},
      ],
    })),
    h(Polled, {url: 'maintenance/schedule', every: ASK_MS, waiting: '', show: schedule =>
      (schedule.windows || []).length === 0 ? null
        : h(Polled, {url: 'maintenance/status', every: ASK_MS, waiting: '', show: status => h(Maintenance, {model, schedule, status, now})})}),
    model.state.recovered_slaves.length === 0 ? null : h('section', {class: 'panel flush'}, h('h2', null, 'Expected back'), h(Table, {
      caption: 'Agents expected back', rows: model.state.recovered_slaves, rowKey: agent => agent.id, empty: '',
      columns: [
        {name: 'Agent', value: agent => agent.hostname, cell: agent => agent.hostname},
        {name: 'Id', class: 'id', value: agent => agent.id, cell: agent => agent.id},
        {name: 'Why', class: 'wrap', cell: agent => h('span', {class: 'why'}, expectedWhy(agent))},
      ],
    })));
}

export function Agent({model, now, id}) {
  const agent = model.agents.get(id);
  if (!agent) {
    return h('div', null, h(Crumbs, {items: [['Agents', '#/agents']]}), h('h1', null, id), h('p', {class: 'sub'}, 'Not registered with this master.'));
  }
  return h('div', null,
    h(Crumbs, {items: [['Agents', '#/agents']]}),
    h('h1', null, `${agent.hostname}:${agent.port} `, h(Badge, agent.status)),
    h('p', {class: 'sub mono'}, agent.id),
    agent.status.why ? h('p', {class: 'notice'}, agent.status.why) : null,
    h('p', {class: 'actions'}, actions(agent)),
    h('div', {class: 'grid'},
      h('section', {class: 'panel w6'}, h('h2', null, 'Resources'), totals([agent]).map(t => h(Meter, {key: t.name, ...t})), h(Legend)),
      h('section', {class: 'panel w6'}, h('h2', null, 'Agent'), h(Facts, {items: [
        ['Version', agent.version],
        ['Registered', `${clock(agent.registered_time)} (${ago(agent.registered_time, now)})`],
        ['Back since', agent.reregistered_time ? clock(agent.reregistered_time) : null],
        ['Attributes', attributes(agent)],
        ['Ports', agent.resources.ports],
        ['Ports in use', agent.used_resources.ports],
        ['Capabilities', agent.capabilities.map(c => c.toLowerCase().replaceAll('_', ' ')).join(', ')],
      ]}))),
    Object.keys(agent.reserved_resources).length === 0 ? null
      : h(Polled, {url: `slaves?slave_id=${encodeURIComponent(id)}`, every: ASK_MS, waiting: '', show: ({slaves}) => h(Reservations, {slave: slaves[0]})}),
    h('section', {class: 'panel flush'}, h('h2', null, 'Tasks'), taskTable(agent.tasks, now, 'No task of this agent is known.')));
}

const running = agent => agent.tasks.filter(task => task.running).length;

function attributes(agent) {
  return Object.entries(agent.attributes).map(([name, value]) => `${name}: ${value}`).join(', ');
}

/** What an operator may do with an agent just now. */
function actions(agent) {
  const action = (label, type, question) => h(Action, {
    key: type, label, question, url: 'api/v1', body: {type, [type.toLowerCase()]: {agent_id: {value: agent.id}}},
  });
  const where = `${agent.hostname}:${agent.port}`;
  return agent.deactivated || agent.drain_info
    ? [action('Reactivate', 'REACTIVATE_AGENT', `Offer ${where} again?`)]
    : [
      action('Drain', 'DRAIN_AGENT', `End all tasks of ${where} and offer it to nobody?`),
      action('Deactivate', 'DEACTIVATE_AGENT', `Offer ${where} to nobody? Its tasks go on.`),
    ];
}
