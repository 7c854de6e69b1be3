// Numbers, times and names as people read them. Pure.

const UNITS = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];

/** 93784 → "1 d 2 h": the two largest units. */
export function duration(seconds) {
  let rest = Math.max(0, Math.round(seconds));
  const parts = [];
  for (const [size, name] of UNITS) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0 || (size === 1 && parts.length === 0)) {
      parts.push(`${amount} ${name}`);
    }
    if (parts.length === 2) {
      break;
    }
  }
  return parts.join(' ');
}

export function ago(time, now) {
  return time ? `${duration(now - time)} ago` : '–';
}

export function clock(time) {
  return time ? new Date(time * 1000).toLocaleString(undefined, {dateStyle: 'medium', timeStyle: 'medium'}) : '–';
}

export function number(value) {
  return (Math.round(value * 100) / 100).toLocaleString(undefined, {maximumFractionDigits: 2});
}

/** Megabytes, as mem and disk are counted. */
export function megabytes(value) {
  const units = ['MB', 'GB', 'TB', 'PB'];
  let amount = value;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${number(amount)} ${units[unit]}`;
}

export function amount(name, value) {
  return name === 'mem' || name === 'disk' ? megabytes(value) : number(value);
}

/** 0.1234 → "12.3%" */
export function percent(part) {
  return `${(Math.round((part || 0) * 1000) / 10).toLocaleString('en')}%`;
}

/** "TASK_RUNNING" → "running", "REASON_TASK_INVALID" → "task invalid". */
export function words(name) {
  return (name || '').replace(/^(TASK|REASON|SOURCE)_/, '').toLowerCase().replaceAll('_', ' ');
}

/** The end of a long id, which tells one from another. */
export function short(id) {
  return id.length > 30 ? `…${id.slice(-14)}` : id;
}

const KINDS = {
  TASK_RUNNING: 'ok', TASK_FINISHED: 'done', TASK_KILLED: 'done',
  TASK_STAGING: 'busy', TASK_STARTING: 'busy', TASK_KILLING: 'busy',
};

/** How a task state is coloured: ok, busy, done or bad. */
export function kind(state) {
  return KINDS[state] || 'bad';
}

/** Only addresses a browser may follow. */
export function link(url) {
  return /^https?:\/\//.test(url || '') ? url : null;
}
