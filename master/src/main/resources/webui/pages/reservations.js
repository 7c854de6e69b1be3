import {h} from '../preact/preact.module.js';
import {amount} from '../format.js';
import {Table} from '../parts.js';

/** What is reserved to roles on an agent, and the persistent volumes made of it. */
export function Reservations({slave}) {
  const rows = Object.values(slave?.reserved_resources_full || {}).flat().map((resource, i) => ({
    ...resource, i, last: resource.reservations[resource.reservations.length - 1], volume: resource.disk?.persistence?.id,
  }));
  return rows.length === 0 ? null : h('section', {class: 'panel flush'}, h('h2', null, 'Reservations'), h(Table, {
    caption: 'Reservations', rows, rowKey: row => row.i, empty: '',
    columns: [
      {name: 'Role', value: row => row.last.role, cell: row => row.last.role},
      {name: 'Resource', value: row => row.name, cell: row => `${row.name} ${text(row)}`},
      {name: 'Volume', value: row => row.volume || '', cell: row => (row.volume ? `${row.volume}, in the sandbox as ${row.disk.volume?.container_path}` : '')},
      {name: 'Kind', value: row => row.last.type, cell: row => row.last.type.toLowerCase()},
      {name: 'Principal', value: row => row.last.principal || '', cell: row => row.last.principal || ''},
      {name: 'Labels', class: 'wrap', cell: row => (row.last.labels?.labels || []).map(label => `${label.key}: ${label.value ?? ''}`).join(', ')},
    ],
  }));
}

function text({name, scalar, ranges, set}) {
  return scalar ? amount(name, scalar.value)
    : ranges ? ranges.range.map(({begin, end}) => `${begin}-${end}`).join(', ')
      : set.item.join(', ');
}
