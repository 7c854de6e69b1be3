import {h} from '../preact/preact.module.js';
import {ago, amount, clock, kind, words} from '../format.js';
import {AgentLink, Badge, Crumbs, Facts, FrameworkLink, Table, TaskLink, TaskState, lastOf} from '../parts.js';
import {Log} from '../log.js';

export function taskTable(tasks, now, empty) {
  return h(Table, {
    caption: 'Tasks', rows: tasks, rowKey: task => `${task.framework_id}/${task.id}/${task.running}/${task.time}`, empty, sort: 7, down: true,
    columns: [
      {name: 'Task', value: task => task.id, class: 'id wrap', cell: task => h(TaskLink, {task})},
      {name: 'State', value: task => task.state, cell: task => h(TaskState, {task})},
      {name: 'Why', class: 'wrap', value: task => task.why, cell: task => h('span', {class: 'why'}, task.why)},
      {name: 'Framework', value: task => task.framework.name, cell: task => h(FrameworkLink, {framework: task.framework})},
      {name: 'Agent', value: task => task.agent?.hostname || task.slave_id, cell: task => h(AgentLink, {agent: task.agent, id: task.slave_id})},
      {name: 'CPUs', num: true, value: task => task.resources.cpus, cell: task => amount('cpus', task.resources.cpus)},
      {name: 'Memory', num: true, value: task => task.resources.mem, cell: task => amount('mem', task.resources.mem)},
      {name: 'Changed', num: true, value: task => task.time, cell: task => ago(task.time, now)},
    ],
  });
}

const fitting = lastOf((model, state, active, text) => model.tasks.filter(task => (!state || task.state === state)
  && (!active || task.running)
  && (!text || `${task.id} ${task.name} ${task.framework.name} ${task.agent?.hostname || ''} ${task.why}`.toLowerCase().includes(text))));

/** @param query {state, q} from the address; @param go changes it */
export function Tasks({model, now, query, go}) {
  const rows = fitting(model, query.state, query.active, (query.q || '').toLowerCase());
  return h('div', null,
    h('h1', null, 'Tasks'),
    h('div', {class: 'tools', role: 'search'},
      h('input', {
        type: 'search', id: 'filter', placeholder: 'Name, framework, agent or reason   ( / )', 'aria-label': 'Filter tasks',
        value: query.q || '', onInput: e => go({...query, q: e.target.value}),
      }),
      h('select', {'aria-label': 'State', value: query.state || '', onChange: e => go({...query, state: e.target.value})},
        h('option', {value: ''}, 'every state'),
        model.byState.map(([name, n]) => h('option', {key: name, value: name, selected: query.state === name}, `${words(name)} (${n})`))),
      h('label', null, h('input', {type: 'checkbox', checked: Boolean(query.active), onChange: e => go({...query, active: e.target.checked ? '1' : ''})}), 'not ended only'),
      h('span', {class: 'end', role: 'status'}, `${rows.length} of ${model.tasks.length}`)),
    h('section', {class: 'panel flush'}, taskTable(rows, now, model.tasks.length === 0 ? 'No task has run yet.' : 'No task fits.')));
}

export function Task({model, now, frameworkId, id}) {
  const task = model.byId.get(frameworkId)?.allTasks.find(t => t.id === id);
  const crumbs = h(Crumbs, {items: [['Tasks', '#/tasks']]});
  if (!task) {
    return h('div', null, crumbs, h('h1', null, id), h('p', {class: 'sub'}, 'Not known to this master: it may have ended long ago.'));
  }
  const container = task.last?.container_status;
  return h('div', null,
    crumbs,
    h('h1', null, `${task.id} `, h(TaskState, {task})),
    h('p', {class: 'sub'}, task.name),
    task.why ? h('p', {class: `notice ${kind(task.state) === 'bad' ? 'bad' : ''}`}, task.why) : null,
    h('div', {class: 'grid'},
      h('section', {class: 'panel w5'}, h('h2', null, 'Task'), h(Facts, {items: [
        ['Framework', h(FrameworkLink, {framework: task.framework})],
        ['Agent', h(AgentLink, {agent: task.agent, id: task.slave_id})],
        ['Role', task.role],
        ['Executor', task.executor_id],
        ['Resources', ['cpus', 'mem', 'disk', 'gpus'].filter(n => task.resources[n]).map(n => `${amount(n, task.resources[n])} ${n}`).join(', ')],
        ['Limits', task.limits ? Object.entries(task.limits).map(([n, v]) => `${v === 'Infinity' ? 'unlimited' : amount(n, v)} ${n}`).join(', ') : ''],
        ['Ports', task.resources.ports],
        ['Address', (container?.network_infos || []).flatMap(n => n.ip_addresses || []).map(a => a.ip_address).join(', ')],
        ['Image', task.container?.docker?.image || task.container?.mesos?.image?.docker?.name],
        ['Container', container?.container_id ? h('span', {class: 'mono'}, container.container_id.value) : null],
        ['User', task.user],
        ['Labels', (task.labels || []).map(l => `${l.key}: ${l.value}`).join(', ')],
      ]})),
      h('section', {class: 'panel flush w7'}, h('h2', null, 'What happened'), h(Table, {
        caption: 'Statuses', rows: task.statuses.map((status, i) => ({...status, i})), rowKey: status => status.i,
        empty: 'Its agent has not said anything yet.', sort: 2,
        columns: [
          {name: 'State', cell: status => h(Badge, {kind: kind(status.state), label: words(status.state)})},
          {name: 'Why', class: 'wrap', cell: status => h('span', {class: 'why'},
            [status.message, status.reason ? `(${words(status.reason)})` : '', status.healthy === undefined ? '' : status.healthy ? 'healthy' : 'not healthy'].filter(Boolean).join(' '))},
          {name: 'When', num: true, value: status => status.timestamp, cell: status => clock(status.timestamp)},
        ],
      }))),
    task.agent
      ? h(Log, {key: `${task.framework_id}/${task.id}`, task})
      : h('p', {class: 'notice'}, 'Its output is on its agent, which is not registered with this master.'));
}
