// What several pages are made of.

import {h, Component} from './preact/preact.module.js';
import {amount, kind, words, short} from './format.js';

const ROWS = 100;

export function Meter({name, total, used, offered}) {
  const part = value => `${total > 0 ? Math.min(100, (100 * value) / total) : 0}%`;
  const label = {cpus: 'CPUs', mem: 'Memory', disk: 'Disk', gpus: 'GPUs'}[name] || name;
  const text = total > 0 ? `${amount(name, used)} used, ${amount(name, offered)} offered of ${amount(name, total)}` : 'none';
  return h('div', {class: 'meter'},
    h('div', {class: 'label'}, h('b', null, label), h('span', null, text)),
    h('div', {class: 'track', role: 'img', 'aria-label': `${label}: ${text}`},
      h('div', {class: 'used', style: {width: part(used)}}),
      h('div', {class: 'offered', style: {width: part(offered)}})));
}

export function Legend() {
  return h('p', {class: 'legend'},
    h('span', null, h('i', {style: {background: 'var(--used)'}}), 'used'),
    h('span', null, h('i', {style: {background: 'var(--offered)'}}), 'offered'),
    h('span', null, h('i', {style: {background: 'var(--idle-bg)'}}), 'free'));
}

/** Used of total, small enough for a table. */
export function Mini({name, total, used}) {
  return h('span', null,
    h('span', {class: 'mini', 'aria-hidden': 'true'},
      h('span', {style: {width: `${total > 0 ? Math.min(100, (100 * used) / total) : 0}%`, background: 'var(--used)'}})),
    `${amount(name, used)} / ${amount(name, total)}`);
}

export function Badge({kind: k, label}) {
  return h('span', {class: `state ${k}`}, label);
}

export function TaskState({task}) {
  return h('span', null,
    h(Badge, {kind: kind(task.state), label: words(task.state)}),
    task.running && task.healthy === false ? [' ', h(Badge, {key: 'h', kind: 'bad', label: 'unhealthy'})] : null,
    task.running && task.healthy === true ? [' ', h(Badge, {key: 'h', kind: 'ok', label: 'healthy'})] : null);
}

export const AgentLink = ({agent, id}) => h('a', {href: `#/agents/${encodeURIComponent(id)}`, title: id}, agent ? agent.hostname : short(id));
export const FrameworkLink = ({framework}) =>
  h('a', {href: `#/frameworks/${encodeURIComponent(framework.id)}`, title: framework.id}, framework.name || short(framework.id));
export const TaskLink = ({task}) =>
  h('a', {href: `#/tasks/${encodeURIComponent(task.framework_id)}/${encodeURIComponent(task.id)}`, title: task.id}, task.id);

export function Crumbs({items}) {
  return h('p', {class: 'crumbs'}, items.map(([label, href], i) => [i > 0 ? ' / ' : '', h('a', {key: href, href}, label)]));
}

export function Facts({items}) {
  return h('dl', {class: 'facts'}, items.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .flatMap(([name, value]) => [h('dt', {key: `t${name}`}, name), h('dd', {key: `d${name}`}, value)]));
}

/** Shows what a URL answers, read again and again while the page is seen. show: answer → what to show. */
export class Polled extends Component {
  constructor(props) {
    super(props);
    this.state = {answer: null, error: null};
  }

  componentDidMount() {
    this.ask();
    this.timer = setInterval(() => document.hidden || this.ask(), this.props.every);
  }

  componentWillUnmount() {
    clearInterval(this.timer);
    this.gone = true;
  }

  async ask() {
    let next;
    try {
      const answer = await fetch(this.props.url);
      next = answer.ok ? {answer: await answer.json(), error: null} : {error: (await answer.text()).trim()};
    } catch (e) {
      next = {error: 'The master does not answer.'};
    }
    if (!this.gone) {
      this.setState(next);
    }
  }

  render({show, waiting}, {answer, error}) {
    if (error) {
      return h('p', {class: 'dim'}, error);
    }
    return answer ? show(answer) : h('p', {class: 'dim'}, waiting);
  }
}

/** Asks a server for a change. Resolves to what is the matter, or to nothing when it was done. */
export async function change(url, body) {
  try {
    const answer = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
    return answer.ok ? '' : (await answer.text()).trim() || `The master answered ${answer.status}.`;
  } catch (e) {
    return 'The master does not answer.';
  }
}

/** A button that changes something when that is confirmed, and says why not when it is refused. */
export class Action extends Component {
  async act({question, url, body}) {
    if (confirm(question)) {
      this.setState({busy: true, refused: ''});
      this.setState({busy: false, refused: await change(url, body)});
    }
  }

  render(props, {busy, refused}) {
    return h('span', {class: 'action'},
      h('button', {class: 'plain', type: 'button', disabled: busy, onClick: () => this.act(props)}, props.label),
      refused ? h('span', {class: 'refused', role: 'alert'}, refused) : null);
  }
}

/** Remembers the last result for the same arguments: a page is drawn every second, its rows change when the cluster does. */
export function lastOf(make) {
  let known = null;
  let result = null;
  return (...inputs) => {
    if (known === null || inputs.some((input, i) => input !== known[i])) {
      result = make(...inputs);
      known = inputs;
    }
    return result;
  };
}

/**
 * A table that sorts by its columns and shows a page of rows.
 * columns: {name, value: row → what it sorts by, cell: row → what it shows, num, class}
 */
export class Table extends Component {
  constructor(props) {
    super(props);
    this.state = {sort: props.sort ?? 0, down: props.down ?? false, rows: ROWS};
    this.sorted = lastOf((rows, sort, down) => {
      const by = this.props.columns[sort].value;
      return by ? rows.map(row => [by(row), row]).sort(([a], [b]) => (down ? -1 : 1) * compare(a, b)).map(([, row]) => row) : rows;
    });
  }

  render({columns, rows, empty, caption, rowKey}, {sort, down, rows: shown}) {
    if (rows.length === 0) {
      return h('p', {class: 'empty'}, empty);
    }
    const sorted = this.sorted(rows, sort, down);
    return h('div', null,
      h('div', {class: 'scroll'}, h('table', {'aria-label': caption},
        h('thead', null, h('tr', null, columns.map((column, i) => this.heading(column, i)))),
        h('tbody', null, sorted.slice(0, shown).map(row => h('tr', {key: rowKey(row)},
          columns.map(column => h('td', {key: column.name, class: [column.num ? 'num' : '', column.class || ''].join(' ')}, column.cell(row)))))))),
      sorted.length > shown
        ? h('p', {class: 'more'}, `${shown} of ${sorted.length} shown. `,
          h('button', {class: 'plain', type: 'button', onClick: () => this.setState({rows: shown + 5 * ROWS})}, 'Show more'))
        : null);
  }

  heading(column, i) {
    const {sort, down} = this.state;
    const order = i !== sort ? 'none' : down ? 'descending' : 'ascending';
    return h('th', {key: column.name, class: column.num ? 'num' : '', scope: 'col', 'aria-sort': column.value ? order : undefined},
      column.value
        ? h('button', {type: 'button', onClick: () => this.setState({sort: i, down: i === sort ? !down : false})}, column.name)
        : column.name);
  }
}

const TEXTS = new Intl.Collator(undefined, {numeric: true});

function compare(a, b) {
  return typeof a === 'number' && typeof b === 'number' ? a - b : TEXTS.compare(String(a), String(b));
}
