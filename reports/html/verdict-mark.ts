import type { Verdict } from '../../conformance/harness/run.ts';
import { said } from './bilingual.ts';
import { html, type Markup } from './markup.ts';

/** A verdict by shape (drawn by the style sheet), colour and word. */
export function verdictMark(verdict: Verdict | null): Markup {
  const { zh, text } = said((m) => (verdict === null ? m.notRun : m.verdicts[verdict]));
  return html`<span class="verdict ${verdict ?? 'none'}" ${zh}>${text}</span>`;
}
