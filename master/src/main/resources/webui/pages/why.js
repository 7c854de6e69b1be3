// Why a framework is offered nothing, or nothing more, in the allocator's words.

import {h} from '../preact/preact.module.js';
import {duration, number, percent, words} from '../format.js';
import {Badge, Polled} from '../parts.js';

const ASK_MS = 4000;
const WHOLE = new Set(['UNKNOWN_FRAMEWORK', 'NOT_SUBSCRIBED', 'DISCONNECTED', 'SUPPRESSED', 'UNANSWERED_OFFERS']);

export function Why({id, offers, now}) {
  return h(Polled, {
    url: `offers/why?framework=${encodeURIComponent(id)}`, every: ASK_MS, waiting: 'Asking the allocator…',
    show: ({frameworks}) => {
      const roles = (frameworks || []).flatMap(f => f.roles || []);
      return h('div', null,
        h('p', {class: 'why'}, offers > 0 ? `It holds ${offers} outstanding ${offers === 1 ? 'offer' : 'offers'}. About further ones:` : 'It holds no offer. Why:'),
        roles.length === 0 ? h('p', {class: 'why'}, 'It is subscribed to no role.') : null,
        roles.map(role => h(Role, {key: role.role, role, now})));
    },
  });
}

function Role({role, now}) {
  const reasons = role.reasons || [];
  return h('div', null,
    h('h2', null, `Role ${role.role}`),
    role.competing === undefined ? null : h('p', {class: 'why'},
      `It has ${percent(role.share)} of the cluster in this role, the role ${percent(role.role_share)} with weight ${number(role.weight)}. ${standing(role)}`),
    reasons.length === 0
      ? h('p', {class: 'why'}, 'No agent is registered.')
      : h('ul', {class: 'reasons'}, reasons.map(reason => h('li', {key: reason.reason},
        h(Badge, {kind: reason.reason === 'NEXT_RUN' ? 'ok' : 'idle', label: words(reason.reason)}), ' ',
        sentence(reason), ends(reason, now),
        (reason.agent_classes || []).length < 2 ? null : h('p', {class: 'dim'},
          reason.agent_classes.map(kind => `${kind.agents} with ${kind.agents_with}`).join('; '))))));
}

function standing({ahead, competing}) {
  if (competing === 0) {
    return 'Nobody wants offers just now.';
  }
  return ahead === 0 ? 'It comes first.' : `${ahead} of the ${competing} that want offers come first.`;
}

function sentence(reason) {
  const detail = reason.detail.charAt(0).toUpperCase() + reason.detail.slice(1);
  return WHOLE.has(reason.reason) ? `${detail}.` : `${reason.agents} ${reason.agents === 1 ? 'agent' : 'agents'}: ${reason.detail}.`;
}

function ends(reason, now) {
  return reason.until ? ` The first is offered again in ${duration(Date.parse(reason.until) / 1000 - now)}.` : '';
}

/** Offer constraints as a sentence for each role. */
export function constraintWords(constraints) {
  return Object.entries(constraints?.role_constraints || {}).map(([role, {groups}]) =>
    `${role}: ${groups.map(group => group.attribute_constraints.map(one).join(' and ')).join(', or ')}`).join('; ');
}

function one({selector, predicate}) {
  const name = selector.attribute_name ?? selector.pseudoattribute_type.toLowerCase();
  const [kind, value] = Object.entries(predicate)[0];
  const said = value.value ?? value.regex;
  return said === undefined ? `${name} ${words(kind)}` : `${name} ${words(kind).replace('text ', '')} “${said}”`;
}
