import { chinese } from './chinese.ts';
import { english } from './english.ts';
import { html, type Markup } from './markup.ts';
import type { Messages } from './messages.ts';

/** Finds one text in the messages of a language. */
export type Pick = (messages: Messages) => string;

/** A text in English; the Chinese one stands in an attribute, where the page's script finds it. */
export function say(pick: Pick): Markup {
  return html`<span data-zh="${pick(chinese)}">${pick(english)}</span>`;
}

/** As {@link say}, as attribute and content of an element that the caller makes: `<th ${said.zh}>${said.text}</th>`. */
export function said(pick: Pick): { readonly zh: Markup; readonly text: string } {
  return { zh: html`data-zh="${pick(chinese)}"`, text: pick(english) };
}

/** A text as an attribute, such as `aria-label`. */
export function labelled(attribute: 'aria-label' | 'placeholder' | 'title', pick: Pick): Markup {
  return html`${attribute}="${pick(english)}" data-zh-${attribute}="${pick(chinese)}"`;
}
