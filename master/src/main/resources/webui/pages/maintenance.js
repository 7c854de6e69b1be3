import {h} from '../preact/preact.module.js';
import {clock, duration, words} from '../format.js';
import {Action, AgentLink, Badge, FrameworkLink, Table} from '../parts.js';

const SECOND = 1e9;

/** Machines in the maintenance schedule, with who agreed to leave them. */
export function Maintenance({model, schedule, status, now}) {
  const rows = machines(model, schedule, status);
  return rows.length === 0 ? null : h('section', {class: 'panel flush'}, h('h2', null, 'Maintenance'), h(Table, {
    caption: 'Maintenance', rows, rowKey: row => row.key, empty: '', sort: 3,
    columns: [
      {name: 'Machine', value: row => row.key, cell: row => row.key},
      {name: 'Agents', class: 'wrap', cell: row => row.agents.map((agent, i) => [i > 0 ? ', ' : '', h(AgentLink, {key: agent.id, agent, id: agent.id})])},
      {name: 'Mode', value: row => row.mode, cell: row => h(Badge, {kind: row.mode === 'down' ? 'bad' : 'busy', label: row.mode})},
      {name: 'From', value: row => row.start, cell: row => `${clock(row.start)}${row.start > now ? ` (in ${duration(row.start - now)})` : ''}`},
      {name: 'For', value: row => row.seconds ?? Infinity, cell: row => (row.seconds === undefined ? 'no end given' : duration(row.seconds))},
      {name: 'Frameworks', class: 'wrap', cell: row => answers(row.answers, model)},
      {name: '', cell: row => (row.mode === 'down'
        ? h(Action, {label: 'Up', url: 'machine/up', body: [row.id], question: `End the maintenance of ${row.key}? It leaves the schedule, and its agents may come back.`})
        : h(Action, {label: 'Down', url: 'machine/down', body: [row.id], question: `Begin the maintenance of ${row.key}? Its agents are shut down, with all their tasks.`}))},
    ],
  }));
}

function machines(model, schedule, status) {
  const down = new Set((status.down_machines || []).map(name));
  const answered = new Map((status.draining_machines || []).map(machine => [name(machine.id), machine.statuses || []]));
  return (schedule.windows || []).flatMap(({machine_ids: ids, unavailability}) => ids.map(id => ({
    id,
    key: name(id),
    agents: [...model.agents.values()].filter(agent => id.hostname && agent.hostname.toLowerCase() === id.hostname.toLowerCase()),
    mode: down.has(name(id)) ? 'down' : 'draining',
    start: unavailability.start.nanoseconds / SECOND,
    seconds: unavailability.duration === undefined ? undefined : unavailability.duration.nanoseconds / SECOND,
    answers: [...new Map((answered.get(name(id)) || []).map(each => [`${each.framework_id.value} ${each.status}`, each])).values()],
  })));
}

function name({hostname, ip}) {
  return [hostname, ip].filter(Boolean).join(' ').toLowerCase();
}

function answers(all, model) {
  return all.map((answer, i) => {
    const framework = model.byId.get(answer.framework_id.value);
    return [i > 0 ? ', ' : '', framework ? h(FrameworkLink, {key: framework.id, framework}) : answer.framework_id.value, ` ${answer.status === 'UNKNOWN' ? 'has not answered' : words(answer.status)}`];
  });
}
