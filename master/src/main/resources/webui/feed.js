// Keeps the model fresh: the operator API's event stream says when something happened, /state says what is.
// Offers and connections are not in the stream, so /state is also read at intervals. Nothing is read while the page is hidden.

import {model} from './model.js';

const SLOWEST_MS = 15000;
const USUAL_MS = 2500;
const SOONEST_MS = 400;
const RETRY_MS = 2000;

export class Feed {
  /** @param changed called with {model, error, leader} after every read */
  constructor(changed) {
    this.changed = changed;
    this.latest = {model: null, error: null, leader: null};
    this.timer = 0;
    this.reading = false;
    this.lastStart = 0;
    this.tookMs = 0;
  }

  start() {
    document.addEventListener('visibilitychange', () => this.wake());
    this.read();
    this.follow();
  }

  /** Reads soon; bursts of events become one read. */
  wake() {
    if (document.hidden) {
      clearTimeout(this.timer);
      this.timer = 0;
      return;
    }
    const wait = Math.max(SOONEST_MS, 4 * this.tookMs) - (performance.now() - this.lastStart);
    this.schedule(Math.max(0, wait));
  }

  schedule(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), ms);
  }

  async read() {
    if (this.reading) {
      return;
    }
    this.reading = true;
    this.lastStart = performance.now();
    try {
      const answer = await fetch('state', {redirect: 'manual'});
      if (!answer.ok) {
        await this.elsewhere(answer);
      } else {
        this.latest = {model: model(await answer.json(), Date.now() / 1000), error: null, leader: null};
      }
    } catch (e) {
      this.latest = {...this.latest, error: 'The master does not answer. Trying again…'};
    }
    this.tookMs = performance.now() - this.lastStart;
    this.reading = false;
    this.changed(this.latest);
    if (!document.hidden) {
      this.schedule(this.latest.error ? RETRY_MS : Math.min(SLOWEST_MS, Math.max(USUAL_MS, 8 * this.tookMs)));
    }
  }

  /** This master does not lead: the page goes to the one that does. */
  async elsewhere(answer) {
    const leader = await (await fetch('webui/leader')).json();
    if (leader.address && !leader.here && leader.address !== location.host) {
      this.latest = {...this.latest, error: `The leading master is ${leader.address}.`, leader: leader.address};
      location.replace(`${location.protocol}//${leader.address}/${location.hash}`);
    } else {
      this.latest = {...this.latest, error: answer.status === 503
        ? 'No master leads yet, or the leader still reads its registry. Trying again…'
        : `The master answered ${answer.status || 'with a redirect'}. Trying again…`};
    }
  }

  /** Every event wakes the reader; what it says is not needed. */
  async follow() {
    for (;;) {
      try {
        const answer = await fetch('api/v1', {
          method: 'POST',
          redirect: 'manual',
          headers: {'Content-Type': 'application/json', Accept: 'application/x-protobuf'},
          body: '{"type":"SUBSCRIBE"}',
        });
        if (answer.ok) {
          for (const reader = answer.body.getReader(); ;) {
            const {done} = await reader.read();
            if (done) {
              break;
            }
            this.wake();
          }
        }
      } catch (e) {
        // the loop tries again; /state tells the user that the master is away
      }
      await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
  }
}
