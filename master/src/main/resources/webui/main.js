// The page: reads the address, shows the page it names, renders again whenever the cluster or the clock moved.

import {h, render, Component} from './preact/preact.module.js';
import {Feed} from './feed.js';
import {Overview} from './pages/overview.js';
import {Agent, Agents} from './pages/agents.js';
import {Framework, Frameworks} from './pages/frameworks.js';
import {Task, Tasks} from './pages/tasks.js';
import {Offers} from './pages/offers.js';
import {Roles} from './pages/roles.js';

const CLOCK_MS = 1000;

/** "#/tasks/f/t?state=x" → {parts: ["tasks", "f", "t"], query: {state: "x"}} */
function address() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return {
    parts: path.split('/').filter(Boolean).map(decodeURIComponent),
    query: Object.fromEntries(new URLSearchParams(query || '')),
  };
}

function go(query) {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  history.replaceState(null, '', location.hash.split('?')[0] + (text ? `?${text}` : ''));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

const PAGES = {
  agents: ([id], props) => (id ? h(Agent, {...props, id}) : h(Agents, props)),
  frameworks: ([id], props) => (id ? h(Framework, {...props, id}) : h(Frameworks, props)),
  tasks: ([frameworkId, id], props) => (id ? h(Task, {...props, frameworkId, id}) : h(Tasks, props)),
  offers: (_, props) => h(Offers, props),
  roles: (_, props) => h(Roles, props),
};

class App extends Component {
  constructor(props) {
    super(props);
    this.state = {model: null, error: null, at: address(), now: Date.now() / 1000};
  }

  componentDidMount() {
    new Feed(latest => this.setState({...latest, now: Date.now() / 1000})).start();
    window.addEventListener('hashchange', () => this.setState({at: address()}));
    setInterval(() => document.hidden || this.setState({now: Date.now() / 1000}), CLOCK_MS);
    window.addEventListener('keydown', e => {
      const filter = document.getElementById('filter');
      if (e.key === '/' && filter && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
        e.preventDefault();
        filter.focus();
      }
    });
  }

  componentDidUpdate() {
    const name = this.state.at.parts.slice(-1)[0];
    document.title = name ? `${name} – Paddock` : 'Paddock';
  }

  render(_, {model, error, at, now}) {
    const [page = '', ...rest] = at.parts;
    const props = model && {model, now, query: at.query, go};
    return h('div', null,
      h('a', {class: 'skip', href: '#main', onClick: e => { e.preventDefault(); document.querySelector('main').focus(); }}, 'Skip to the content'),
      h('header', {class: 'top'},
        h('a', {class: 'brand', href: '#/'}, h('img', {src: 'webui/icon.svg', alt: ''}), 'Paddock', h('small', null, model?.state.cluster || '')),
        h('nav', {'aria-label': 'Pages'}, tabs(model).map(([key, label, n]) =>
          h('a', {key, href: `#/${key}`, 'aria-current': page === key ? 'page' : undefined}, label, n === undefined ? null : h('span', {class: 'n'}, n)))),
        h('span', {class: `live ${error ? 'lost' : ''}`, role: 'status'}, h('i'),
          error ? 'not connected' : model ? `live · ${model.state.leader_info.hostname}:${model.state.leader_info.port} · ${model.state.version}` : 'connecting')),
      h('main', {tabindex: -1},
        error ? h('p', {class: 'notice bad', role: 'alert'}, error) : null,
        model
          ? (PAGES[page] ? PAGES[page](rest, props) : h(Overview, props))
          : error ? null : h('p', {class: 'loading'}, 'Reading the cluster…')));
  }
}

function tabs(model) {
  return [
    ['', 'Overview'],
    ['agents', 'Agents', model?.agents.size],
    ['frameworks', 'Frameworks', model?.state.frameworks.length],
    ['roles', 'Roles'],
    ['tasks', 'Tasks', model?.running],
    ['offers', 'Offers', model?.offers.length],
  ];
}

const root = document.getElementById('app');
root.textContent = '';
render(h(App), root);
