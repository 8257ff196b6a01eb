/**
 * `report.js`: the only script of the report. What it finds on a page it brings to life; pages show everything without it but the bytes of
 * frames. What is chosen stands behind the `#` of the address, so that a link shows what its sender saw.
 *
 * Text is only ever set as text: nothing here reads markup.
 */
export function browserScript(parts: readonly string[]): string {
  return `'use strict';\n${[addressAndLanguage, ...parts].join('\n')}`;
}

const addressAndLanguage = `
const state = () => new URLSearchParams(location.hash.slice(1));
function remember(changes) {
  const next = state();
  for (const [name, value] of Object.entries(changes)) {
    if (value === '' || value === null) next.delete(name); else next.set(name, value);
  }
  const hash = next.toString().replace(/%2C/g, ',').replace(/%2F/g, '/');
  if (hash !== location.hash.slice(1)) history.replaceState(null, '', hash === '' ? location.pathname + location.search : '#' + hash);
}
const ATTRIBUTES = ['aria-label', 'placeholder', 'title'];
let language = 'en';
function speak(next) {
  if (next === language) return;
  language = next;
  document.documentElement.lang = next;
  for (const node of document.querySelectorAll('[data-zh]')) {
    const other = node.dataset.zh;
    node.dataset.zh = node.textContent;
    node.textContent = other;
  }
  for (const name of ATTRIBUTES) for (const node of document.querySelectorAll('[data-zh-' + name + ']')) {
    const other = node.getAttribute('data-zh-' + name);
    node.setAttribute('data-zh-' + name, node.getAttribute(name));
    node.setAttribute(name, other);
  }
  for (const button of document.querySelectorAll('[data-language]')) button.setAttribute('aria-pressed', String(button.dataset.language === next));
}
const listeners = [() => speak(state().get('lang') === 'zh' ? 'zh' : 'en')];
for (const button of document.querySelectorAll('[data-language]')) button.addEventListener('click', () => {
  remember({ lang: button.dataset.language === 'en' ? null : button.dataset.language });
  speak(button.dataset.language);
});
// A link within the report takes the language along.
for (const kind of ['click', 'auxclick', 'contextmenu', 'focusin']) document.addEventListener(kind, ({ target }) => {
  const link = target instanceof Element ? target.closest('a[href]') : null;
  if (link === null || /^[a-z]+:|\\.pcapng$/i.test(link.getAttribute('href')) || link.classList.contains('skip')) return;
  const [path, hash = ''] = link.getAttribute('href').split('#');
  const wanted = new URLSearchParams(hash);
  if (language === 'en') wanted.delete('lang'); else wanted.set('lang', language);
  const text = wanted.toString();
  link.setAttribute('href', path + (text === '' && path !== '' ? '' : '#' + text));
});
window.addEventListener('hashchange', () => listeners.forEach((listen) => listen()));
window.addEventListener('DOMContentLoaded', () => listeners.forEach((listen) => listen()));
`;
