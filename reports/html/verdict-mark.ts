import type { Verdict } from '../../conformance/harness/run.ts';
import { html, type Markup } from './markup.ts';
import type { Messages } from './messages.ts';

/** A verdict by shape (drawn by the style sheet), colour and word. */
export function verdictMark(verdict: Verdict | null, messages: Messages): Markup {
  return verdict === null
    ? html`<span class="verdict none">${messages.notRun}</span>`
    : html`<span class="verdict ${verdict}">${messages.verdicts[verdict]}</span>`;
}
