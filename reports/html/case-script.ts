import { fieldPlaces } from './frame-data.ts';

/** The part of `report.js` that turns the targets of a case into tabs, and shows a chosen frame's layers beside its bytes. */
export function caseScript(): string {
  return `
const PLACES = ${JSON.stringify(fieldPlaces())};
const HEXADECIMAL = new Set(['type', 'tos', 'id', 'checksum']);
const make = (name, properties, ...children) => { const node = Object.assign(document.createElement(name), properties); node.append(...children); return node; };
const sections = Array.from(document.querySelectorAll('section.outcome'));
const tabs = Array.from(document.querySelectorAll('.outcomes a'));
if (sections.length > 0) {
  const list = document.querySelector('.outcomes');
  list.classList.add('tabs');
  const choose = (target) => {
    sections.forEach((section, index) => {
      const isChosen = section.dataset.target === target;
      section.hidden = !isChosen;
      if (isChosen) tabs[index].setAttribute('aria-current', 'true'); else tabs[index].removeAttribute('aria-current');
    });
  };
  const usual = () => (document.querySelector('.outcomes .fail, .outcomes .error, .outcomes .deviates')?.closest('a') ?? tabs[0]).dataset.target;
  const restore = () => {
    const wanted = state().get('target');
    const target = sections.some((section) => section.dataset.target === wanted) ? wanted : usual();
    choose(target);
    const section = sections.find((one) => one.dataset.target === target);
    const frame = Number(state().get('frame'));
    const button = section.querySelector('button[data-frame="' + frame + '"]');
    if (frame > 0 && button !== null) { open(section, frame); button.scrollIntoView({ block: 'center' }); }
  };
  for (const tab of tabs) tab.addEventListener('click', (event) => {
    event.preventDefault();
    remember({ target: tab.dataset.target, frame: null });
    choose(tab.dataset.target);
  });
  listeners.push(restore);
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') for (const section of sections) shut(section);
  });
}
for (const section of sections) {
  const buttons = Array.from(section.querySelectorAll('button[data-frame]'));
  buttons.forEach((button, index) => {
    if (index > 0) button.tabIndex = -1;
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-pressed') === 'true') { shut(section); return; }
      remember({ target: section.dataset.target, frame: button.dataset.frame });
      open(section, Number(button.dataset.frame));
    });
    button.addEventListener('keydown', (event) => {
      const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (to === undefined || buttons[to] === undefined) return;
      event.preventDefault();
      for (const other of buttons) other.tabIndex = -1;
      buttons[to].tabIndex = 0;
      buttons[to].focus();
      if (!section.querySelector('.panel').hidden) buttons[to].click();
    });
  });
}
function shut(section) {
  const panel = section.querySelector('.panel');
  if (panel === null || panel.hidden) return;
  const pressed = section.querySelector('[aria-pressed=true]');
  if (panel.contains(document.activeElement)) pressed?.focus();
  panel.hidden = true;
  pressed?.setAttribute('aria-pressed', 'false');
  remember({ frame: null });
}
function open(section, number) {
  const panel = section.querySelector('.panel');
  const { frames, difference } = JSON.parse(section.querySelector('script').textContent);
  const buttons = Array.from(section.querySelectorAll('button[data-frame]'));
  const place = buttons.findIndex((button) => button.dataset.frame === String(number));
  const frame = frames[place];
  if (frame === undefined) return;
  buttons.forEach((button, index) => button.setAttribute('aria-pressed', String(index === place)));
  const word = (name) => panel.querySelector('[data-word=' + name + ']').textContent;
  const other = difference !== null && difference.frame === place ? difference.reference : null;
  const close = make('button', { type: 'button', className: 'close', textContent: '×', ariaLabel: word('close') });
  close.addEventListener('click', () => shut(section));
  const title = make('h4', { textContent: word('frameTitle') + ' ' + buttons[place].querySelector('.n').textContent + ' · ' + frame[0].length / 2 + (frame[2] > 0 ? ' + ' + frame[2] : '') + ' ' + word('bytes').toLowerCase() });
  panel.querySelector('.view')?.remove();
  const panes = make('div', { className: 'panes' });
  if (other !== null) panes.append(view(other, word, word('reference'), frame[0]));
  panes.append(view(frame, word, other === null ? '' : word('observed'), other === null ? null : other[0]));
  panel.append(make('div', { className: 'view' }, title, close, panes));
  panel.hidden = false;
}
/** Layers and bytes of a frame; what is chosen in one is marked in both. */
function view([hex, layers], word, name, against) {
  const bytes = hex.match(/../g) ?? [];
  const suffix = name === '' ? '' : ' (' + name + ')';
  const tree = make('div', { className: 'layers', role: 'group', ariaLabel: word('layers') + suffix });
  const dump = make('div', { className: 'bytes', role: 'group', ariaLabel: word('bytes') + suffix });
  const cells = [];
  const ranges = [];
  const pick = (range) => {
    for (const { node } of ranges) node.setAttribute('aria-pressed', String(node === range.node));
    cells.forEach((cell, at) => cell.classList.toggle('on', at >= range.from && at < range.to));
  };
  const addRange = (node, from, to) => {
    const range = { node, from, to };
    ranges.push(range);
    node.addEventListener('click', () => pick(range));
    node.addEventListener('keydown', (event) => {
      const at = ranges.indexOf(range) + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0);
      if (ranges[at] === undefined || ranges[at] === range) return;
      event.preventDefault();
      ranges.forEach((one, index) => { one.node.tabIndex = index === at ? 0 : -1; });
      ranges[at].node.focus();
      pick(ranges[at]);
    });
    node.tabIndex = ranges.length === 1 ? 0 : -1;
  };
  for (const [kind, offset, length, ...values] of layers) {
    const head = make('button', { type: 'button', className: 'layer' }, kind + ' ', make('small', { textContent: offset + '–' + (offset + length - 1) }));
    tree.append(head);
    addRange(head, offset, offset + length);
    for (const [index, [field, start, size]] of PLACES[kind].entries()) {
      const value = values[index];
      if (value === null) continue;
      const text = typeof value === 'number' && HEXADECIMAL.has(field) ? '0x' + value.toString(16).padStart(4, '0') : String(value) || '–';
      const label = field.replace(/[A-Z]/g, (letter) => ' ' + letter.toLowerCase());
      const line = make('button', { type: 'button', className: 'field' }, make('span', { textContent: label }), ' ', make('code', { textContent: text }));
      tree.append(line);
      addRange(line, offset + start, offset + Math.min(start + size, length));
    }
  }
  const choose = (at) => {
    const around = ranges.filter(({ from, to }) => at >= from && at < to).sort((one, two) => (one.to - one.from) - (two.to - two.from));
    if (around.length > 0) { pick(around[0]); around[0].node.scrollIntoView({ block: 'nearest' }); }
    else cells.forEach((cell, index) => cell.classList.toggle('on', index === at));
  };
  bytes.forEach((text, at) => {
    if (at % 16 === 0) dump.append(make('span', { className: 'offset', textContent: at.toString(16).padStart(4, '0'), ariaHidden: 'true' }));
    const differs = against !== null && against.slice(2 * at, 2 * at + 2) !== text;
    const cell = make('button', { type: 'button', textContent: text, className: differs ? 'differs' : '', tabIndex: at === 0 ? 0 : -1 });
    cell.addEventListener('click', () => choose(at));
    cell.addEventListener('keydown', (event) => {
      const to = at + ({ ArrowRight: 1, ArrowLeft: -1, ArrowDown: 16, ArrowUp: -16 }[event.key] ?? 0);
      if (to === at || cells[to] === undefined) return;
      event.preventDefault();
      cell.tabIndex = -1;
      cells[to].tabIndex = 0;
      cells[to].focus();
      choose(to);
    });
    cells.push(cell);
    dump.append(cell);
  });
  const pane = make('div', { className: 'pane' + (name === '' ? '' : ' half') });
  if (name !== '') pane.append(make('h5', { textContent: name }));
  pane.append(tree, dump);
  return pane;
}
`;
}
