// What the pages show, made from the master's /state.

const SCALARS = ['cpus', 'mem', 'disk', 'gpus'];
const ACTIVE = new Set(['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_UNREACHABLE']);

/** @param state the answer of /state, which becomes part of the model; @param receivedAt seconds since the epoch */
export function model(state, receivedAt) {
  const agents = new Map(state.slaves.map(slave => [slave.id, Object.assign(slave, {
    tasks: [], offers: [], status: agentStatus(slave, state.whitelist),
  })]));
  const frameworks = [
    ...state.frameworks.map(f => framework(f, false)),
    ...state.completed_frameworks.map(f => framework(f, true)),
  ];
  const tasks = [];
  const offers = [];
  for (const owner of frameworks) {
    owner.allTasks = ['tasks', 'unreachable_tasks', 'completed_tasks']
      .flatMap(list => (owner[list] || []).map(raw => task(raw, owner, agents)));
    tasks.push(...owner.allTasks);
    for (const raw of owner.offers || []) {
      const offer = {...raw, framework: owner, agent: agents.get(raw.slave_id)};
      offers.push(offer);
      offer.agent?.offers.push(offer);
    }
  }
  for (const each of tasks) {
    each.agent?.tasks.push(each);
  }
  return {
    state, agents, frameworks, tasks, offers, receivedAt,
    agentList: [...agents.values()],
    running: tasks.filter(each => each.running).length,
    totals: totals(state.slaves),
    byState: count(tasks),
    byId: new Map(frameworks.map(f => [f.id, f])),
  };
}

/** Total, used and offered of each scalar over agents. */
export function totals(slaves) {
  return SCALARS.map(name => {
    const sum = part => slaves.reduce((all, slave) => all + (slave[part]?.[name] || 0), 0);
    return {name, total: sum('resources'), used: sum('used_resources'), offered: sum('offered_resources')};
  });
}

export function count(tasks) {
  const counts = new Map();
  for (const each of tasks) {
    counts.set(each.state, (counts.get(each.state) || 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
}

/** Why an agent that the registry knows is not there. */
export function expectedWhy(agent) {
  return agent.pending_removal
    ? `Its time is over: ${agent.pending_removal.reason}.`
    : 'Was registered with the master before; has not come back since this one leads.';
}

/** The state of an agent, and why it gets no tasks where it gets none. */
function agentStatus(slave, whitelist) {
  if (slave.pending_removal) {
    return {kind: 'bad', label: 'to be removed', why: `Its time is over: ${slave.pending_removal.reason}. Until then it is offered to nobody.`};
  }
  if (slave.connected === false) {
    return {kind: 'bad', label: 'disconnected', why: 'Its link to the master broke; it may come back. Until then it is offered to nobody.'};
  }
  if (slave.drain_info) {
    return {kind: 'busy', label: words(slave.drain_info.state), why: 'An operator asked to drain it: its tasks are ended and it is offered to nobody.'};
  }
  if (slave.deactivated) {
    return {kind: 'busy', label: 'deactivated', why: 'An operator deactivated it: it is offered to nobody.'};
  }
  if (whitelist && !whitelist.includes(slave.hostname)) {
    return {kind: 'busy', label: 'not whitelisted', why: 'Its host is not in the whitelist of the operator: it is offered to nobody.'};
  }
  if (slave.unavailability) {
    const start = new Date(slave.unavailability.start.nanoseconds / 1e6).toLocaleString();
    return {kind: 'busy', label: 'maintenance', why: `Maintenance of its machine is planned for ${start}. It is offered with that time, and its frameworks are asked to leave.`};
  }
  return slave.active ? {kind: 'ok', label: 'active', why: ''} : {kind: 'busy', label: 'inactive', why: 'It is offered to nobody just now.'};
}

function words(text) {
  return String(text).toLowerCase().replaceAll('_', ' ');
}

function framework(raw, completed) {
  const roles = raw.roles || [raw.role];
  return {...raw, roles, completed, status: frameworkStatus(raw, completed)};
}

function frameworkStatus(raw, completed) {
  if (completed) {
    return {kind: 'done', label: 'completed', why: ''};
  }
  if (raw.recovered) {
    return {kind: 'busy', label: 'recovered', why: 'Known from the time before this master led; its scheduler has not come back yet.'};
  }
  if (!raw.connected) {
    return {kind: 'bad', label: 'disconnected', why: `Its scheduler is away. It is removed, with its tasks, when it stays away for ${Math.round(raw.failover_timeout)} s.`};
  }
  return raw.active ? {kind: 'ok', label: 'active', why: ''} : {kind: 'busy', label: 'inactive', why: 'It is offered nothing just now.'};
}

function task(raw, owner, agents) {
  const last = raw.statuses[raw.statuses.length - 1];
  const agent = agents.get(raw.slave_id);
  raw.framework = owner;
  raw.agent = agent;
  raw.last = last;
  raw.running = ACTIVE.has(raw.state);
  raw.time = last?.timestamp || 0;
  raw.healthy = last?.healthy;
  raw.why = why(raw, last, agent);
  return raw;
}

/** Why a task is in the state it is in: what its last status says, or what it waits for. */
function why(raw, last, agent) {
  const said = [last?.message, last?.reason && last.state === raw.state ? `(${words(last.reason.replace('REASON_', ''))})` : '']
    .filter(Boolean).join(' ');
  if (raw.state === 'TASK_STAGING') {
    return said || (agent && agent.connected === false
      ? 'Waits for its agent, which is disconnected.'
      : 'Sent to its agent, which has not said yet that it starts: it fetches files or an image, or makes the container.');
  }
  if (raw.state === 'TASK_STARTING') {
    return said || 'Its executor is up; it has not said yet that the task runs.';
  }
  if (raw.state === 'TASK_KILLING') {
    return said || 'Asked to end; it has its grace period.';
  }
  if (raw.state === 'TASK_UNREACHABLE') {
    return said || 'Its agent is unreachable; the task may still run there.';
  }
  return said;
}
