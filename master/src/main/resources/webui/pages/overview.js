import {h} from '../preact/preact.module.js';
import {ago, clock, duration, kind, words} from '../format.js';
import {AgentLink, Badge, Facts, FrameworkLink, Legend, Meter, Table, TaskLink, TaskState, lastOf} from '../parts.js';
import {expectedWhy} from '../model.js';

const RECENT = 12;

export function Overview({model, now}) {
  const {state} = model;
  const waiting = waits(model);
  const troubled = troubledOf(model);
  return h('div', null,
    h('h1', null, state.cluster || 'Cluster'),
    h('p', {class: 'sub'}, `Up for ${duration(now - state.start_time)}, led by this master for ${duration(now - state.elected_time)}.`),
    h('div', {class: 'grid'},
      h('section', {class: 'panel w7'}, h('h2', null, 'Resources'), model.totals.map(t => h(Meter, {key: t.name, ...t})), h(Legend)),
      h('section', {class: 'panel w5'}, h('h2', null, 'Master'), h(Facts, {items: [
        ['Leader', `${state.leader_info.hostname}:${state.leader_info.port}`],
        ['Version', state.version],
        ['Started', `${clock(state.start_time)} (${ago(state.start_time, now)})`],
        ['Elected', `${clock(state.elected_time)}`],
        ['Agents', agents(state)],
        ['Frameworks', `${state.frameworks.filter(f => f.active).length} active, ${state.frameworks.filter(f => !f.active).length} not, ${state.completed_frameworks.length} completed`],
        ['Offers', `${model.offers.length} outstanding`],
        ['Id', h('span', {class: 'mono'}, state.id)],
      ]}))),
    h('section', {class: 'panel'}, h('h2', null, 'Tasks by state'),
      model.byState.length === 0
        ? h('p', {class: 'dim'}, 'No task has run yet.')
        : h('div', {class: 'counts'}, model.byState.map(([name, n]) =>
          h('a', {key: name, class: `count ${kind(name)}`, href: `#/tasks?state=${name}`}, h('b', null, n), words(name))))),
    h('section', {class: 'panel flush'}, h('h2', null, 'Waiting'),
      h(Table, {
        caption: 'What waits, and why', rows: waiting, rowKey: row => row.key, empty: 'Nothing waits.', sort: 0,
        columns: [
          {name: 'What', value: row => row.what, cell: row => row.link},
          {name: 'State', value: row => row.label, cell: row => h(Badge, {kind: row.kind, label: row.label})},
          {name: 'Why', class: 'wrap', cell: row => h('span', {class: 'why'}, row.why)},
          {name: 'Since', num: true, value: row => row.since, cell: row => ago(row.since, now)},
        ],
      })),
    h('section', {class: 'panel flush'}, h('h2', null, 'Last tasks that went wrong'),
      h(Table, {
        caption: 'Last tasks that went wrong', rows: troubled, rowKey: task => `${task.framework_id}/${task.id}`, empty: 'None.', sort: 4, down: true,
        columns: [
          {name: 'Task', value: task => task.id, class: 'id wrap', cell: task => h(TaskLink, {task})},
          {name: 'State', value: task => task.state, cell: task => h(TaskState, {task})},
          {name: 'Why', class: 'wrap', cell: task => h('span', {class: 'why'}, task.why)},
          {name: 'Framework', value: task => task.framework.name, cell: task => h(FrameworkLink, {framework: task.framework})},
          {name: 'When', num: true, value: task => task.time, cell: task => ago(task.time, now)},
        ],
      })));
}

function agents(state) {
  return [`${state.activated_slaves} active`, `${state.deactivated_slaves} not`, `${state.unreachable_slaves} unreachable`,
    state.recovered_slaves.length > 0 ? `${state.recovered_slaves.length} expected back` : ''].filter(Boolean).join(', ');
}

const troubledOf = lastOf(model => model.tasks
  .filter(task => kind(task.state) === 'bad')
  .sort((a, b) => b.time - a.time)
  .slice(0, RECENT));

/** Everything that waits for something, with its reason. */
const waits = lastOf(model => {
  const rows = [];
  for (const task of model.tasks.filter(t => kind(t.state) === 'busy')) {
    rows.push({key: `t/${task.framework_id}/${task.id}`, what: task.id, link: h('span', {class: 'mono'}, h(TaskLink, {task})), kind: 'busy', label: words(task.state), why: task.why, since: task.time});
  }
  for (const agent of model.agents.values()) {
    if (agent.status.kind !== 'ok') {
      rows.push({key: `a/${agent.id}`, what: agent.hostname, link: h(AgentLink, {agent, id: agent.id}), kind: agent.status.kind, label: agent.status.label, why: agent.status.why, since: agent.reregistered_time || agent.registered_time});
    }
  }
  for (const agent of model.state.recovered_slaves) {
    rows.push({key: `r/${agent.id}`, what: agent.hostname, link: agent.hostname, kind: 'busy', label: 'expected back', why: expectedWhy(agent), since: model.state.elected_time});
  }
  for (const framework of model.frameworks.filter(f => !f.completed && f.status.kind !== 'ok')) {
    rows.push({key: `f/${framework.id}`, what: framework.name, link: h(FrameworkLink, {framework}), kind: framework.status.kind, label: framework.status.label, why: framework.status.why, since: framework.reregistered_time || framework.registered_time});
  }
  return rows;
});
