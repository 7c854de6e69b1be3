import {h, Component} from '../preact/preact.module.js';
import {change} from '../parts.js';

/** Sets the quota of a role in place of the one it has; without amounts it has none. */
export class QuotaForm extends Component {
  async submit(event) {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target));
    const form = event.target;
    let config;
    try {
      config = {role: fields.role.trim(), guarantees: amounts(fields.guarantees), limits: amounts(fields.limits)};
    } catch (e) {
      this.setState({said: e.message, bad: true});
      return;
    }
    const refused = await change('api/v1', {type: 'UPDATE_QUOTA', update_quota: {force: 'force' in fields, quota_configs: [config]}});
    this.setState({said: refused || `The quota of ${config.role} is set.`, bad: refused !== ''});
    if (!refused) {
      form.reset();
    }
  }

  render(_, {said, bad}) {
    return h('details', {class: 'panel'}, h('summary', null, 'Set a quota'),
      h('form', {class: 'fields', onSubmit: event => this.submit(event)},
        field('Role', 'role', 'web/front', true),
        field('Guaranteed', 'guarantees', 'cpus=8, mem=65536'),
        field('At most', 'limits', 'cpus=16, mem=131072'),
        h('label', null, h('input', {type: 'checkbox', name: 'force'}), ' also where it cannot be held now'),
        h('button', {class: 'plain', type: 'submit'}, 'Set'),
        h('p', {class: 'dim'}, 'In place of the quota that the role has; without amounts it has none. Memory and disk in MB.'),
        said ? h('p', {class: bad ? 'refused' : '', role: 'alert'}, said) : null));
  }
}

function field(label, name, placeholder, required = false) {
  return h('label', null, `${label} `, h('input', {type: 'text', name, placeholder, required, autocomplete: 'off'}));
}

/** "cpus=8, mem=100" → {cpus: {value: 8}, mem: {value: 100}} */
function amounts(text) {
  return Object.fromEntries(text.split(/[,;]/).filter(part => part.trim()).map(part => {
    const [, name, value] = /^\s*([^=:\s]+)\s*[=:]\s*([\d.]+)\s*$/.exec(part) || [];
    if (name === undefined) {
      throw new Error(`"${part.trim()}" is not an amount such as cpus=8`);
    }
    return [name, {value: Number(value)}];
  }));
}
