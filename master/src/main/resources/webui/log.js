// A task's stdout and stderr, followed through the master.

import {h, Component} from './preact/preact.module.js';

const TAIL_BYTES = 100_000;
const CHUNK_BYTES = 60_000;
const KEEP_CHARS = 1_000_000;
const BUSY_MS = 100;
const IDLE_MS = 1000;
const LOST_MS = 3000;

export class Log extends Component {
  constructor(props) {
    super(props);
    this.state = {file: 'stdout', text: '', note: 'Reading…', follow: true};
    this.run = 0;
  }

  componentDidMount() {
    this.open('stdout');
  }

  componentWillUnmount() {
    this.run++;
  }

  componentDidUpdate() {
    if (this.state.follow && this.box) {
      this.box.scrollTop = this.box.scrollHeight;
    }
  }

  /** Starts near the end of a file and reads on until another one is opened. */
  async open(file) {
    const run = ++this.run;
    this.setState({file, text: '', note: 'Reading…', follow: true});
    let path = null;
    let offset = null;
    while (run === this.run) {
      let wait = IDLE_MS;
      try {
        path ??= await this.path(file);
        const {offset: size} = await this.read(path, -1);
        if (offset === null) {
          offset = Math.max(0, size - TAIL_BYTES);
        } else if (size < offset) {
          offset = 0;
        }
        // The bytes asked for are counted, not the text: what is not UTF-8 has another length as text.
        const length = Math.min(CHUNK_BYTES, size - offset);
        const data = length > 0 ? (await this.read(path, offset, length)).data : '';
        if (run !== this.run) {
          return;
        }
        offset += length;
        wait = length === CHUNK_BYTES ? BUSY_MS : IDLE_MS;
        this.setState(s => {
          const text = (s.text + data).slice(-KEEP_CHARS);
          return {text, note: text ? '' : 'Nothing written yet.'};
        });
      } catch (e) {
        wait = LOST_MS;
        path = offset ? path : null;
        if (run === this.run) {
          this.setState({note: e.message});
        }
      }
      await new Promise(resolve => setTimeout(resolve, wait));
    }
  }

  /** The sandbox of the task's executor, or the task's own directory in there where the executor runs several. */
  async path(file) {
    const {task} = this.props;
    const executor = task.executor_id || task.id;
    const sandbox = `/frameworks/${task.framework_id}/executors/${executor}/runs/latest`;
    if (executor !== task.id) {
      const own = `${sandbox}/tasks/${task.id}/${file}`;
      try {
        await this.read(own, -1);
        return own;
      } catch (e) {
        // the executor runs one task and writes to its own sandbox
      }
    }
    return `${sandbox}/${file}`;
  }

  async read(path, offset, length) {
    const query = new URLSearchParams({path, offset});
    if (length) {
      query.set('length', length);
    }
    const answer = await fetch(`agent/${encodeURIComponent(this.props.task.slave_id)}/files/read?${query}`);
    if (answer.status === 404) {
      throw new Error('The file is not there (yet): the task has not started, or its sandbox was removed.');
    }
    if (!answer.ok) {
      throw new Error((await answer.text()).trim() || `The agent answered ${answer.status}.`);
    }
    return answer.json();
  }

  scrolled = () => {
    const {scrollTop, scrollHeight, clientHeight} = this.box;
    const follow = scrollHeight - scrollTop - clientHeight < 24;
    if (follow !== this.state.follow) {
      this.setState({follow});
    }
  };

  render(_, {file, text, note, follow}) {
    return h('section', {class: 'panel flush', 'aria-label': 'Output'},
      h('div', {class: 'tools log-head'},
        h('span', {class: 'tabs', role: 'group', 'aria-label': 'Which output'}, ['stdout', 'stderr'].map(name =>
          h('button', {key: name, type: 'button', 'aria-pressed': String(name === file), onClick: () => this.open(name)}, name))),
        h('label', null, h('input', {type: 'checkbox', checked: follow, onChange: e => this.setState({follow: e.target.checked})}), 'follow'),
        h('span', {class: 'end', role: 'status'}, note)),
      h('pre', {class: 'log', tabindex: 0, ref: box => { this.box = box; }, onScroll: this.scrolled, 'aria-label': file}, text));
  }
}
