import type { RunResult } from '../../conformance/harness/run.ts';
import { CHANGE_KINDS, type Change, type Comparison, type TargetComparison } from '../compare-runs.ts';
import { VERDICTS } from '../verdict-counts.ts';
import { say } from './bilingual.ts';
import { english } from './english.ts';
import { html, type Markup } from './markup.ts';
import { pageOf } from './page-of.ts';
import { page } from './page.ts';
import { verdictMark } from './verdict-mark.ts';

/** The way to the folder of each run's report, for links to its cases; null where there is none. */
export interface ReportLinks {
  readonly a: string | null;
  readonly b: string | null;
}

/** Two runs side by side: totals of each target, then what changed, from what matters most to what matters least. */
export function comparePage(comparison: Comparison, links: ReportLinks): string {
  const { a, b, targets, onlyInA, onlyInB } = comparison;
  const side = (name: 'A' | 'B', { name: path, startedAt, durationMs, tool }: typeof a): Markup =>
    html`<div>
      <dt>${name}</dt>
      <dd>
        <b>${path}</b><br />${startedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')} ·
        ${english.seconds(durationMs)}<br /><code>${tool.command}</code>
      </dd>
    </div>`;
  return page({
    title: 'Comparison',
    root: '',
    current: 'compare',
    body: html`<h1>${say((m) => m.comparison)}</h1>
      <p class="lead">${say((m) => m.comparisonLead)}</p>
      <dl class="facts sides">${side('A', a)}${side('B', b)}</dl>
      ${[...onlyInA, ...onlyInB].map(({ id }) => html`<p>${say((m) => m.onlyOneHas)}: <b>${id}</b></p>`)}
      ${targets.map((target) => targetSection(target, links))}`,
  });
}

function targetSection(
  { a, b, counts, changes, casesInBoth, notCompared }: TargetComparison,
  links: ReportLinks,
): Markup {
  return html`<section class="comparison">
    <h2>
      ${a.id}
      <small>${a.version}</small
      >${a.id === b.id && a.version === b.version ? '' : html` → ${b.id} <small>${b.version}</small>`}
    </h2>
    <table class="deltas">
      <thead>
        <tr>
          <th scope="col">${say((m) => m.caseCount(casesInBoth))}</th>
          ${VERDICTS.map((verdict) => html`<th scope="col">${verdictMark(verdict)}</th>`)}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">A → B</th>
          ${VERDICTS.map((verdict) => html`<td>${counts.a[verdict]} → ${counts.b[verdict]}${delta(counts.b[verdict] - counts.a[verdict])}</td>`)}
        </tr>
      </tbody>
    </table>
    ${changes.length === 0 ? html`<p class="same">${say((m) => m.noChanges)}</p>` : ''}
    ${CHANGE_KINDS.map((kind) => {
      const ofKind = changes.filter((change) => change.kind === kind);
      return ofKind.length === 0
        ? ''
        : html`<h3>${say((m) => m.changes[kind])} <small>${ofKind.length}</small></h3>
            <table class="changes">
              <thead>
                <tr>
                  <th scope="col">${say((m) => m.case)}</th>
                  <th scope="col">A</th>
                  <th scope="col">B</th>
                </tr>
              </thead>
              <tbody>
                ${ofKind.map((change) => changeRow(change, links))}
              </tbody>
            </table>`;
    })}
    ${
      notCompared.length === 0
        ? ''
        : html`<details>
            <summary>${say((m) => m.notCompared)} (${notCompared.length})</summary>
            <ul>
              ${notCompared.map(({ case: id, reason }) => html`<li><code>${id}</code> ${reason}</li>`)}
            </ul>
          </details>`
    }
  </section>`;
}

function delta(change: number): Markup | '' {
  return change === 0 ? '' : html` <b class="delta">${change > 0 ? '+' : '−'}${Math.abs(change)}</b>`;
}

function changeRow({ case: item, a, b, firstDifference }: Change, links: ReportLinks): Markup {
  const place =
    firstDifference === null
      ? ''
      : [firstDifference.layer, firstDifference.field].filter((part) => part !== undefined).join(' · ');
  const side = (result: RunResult | null, root: string | null, frame: string | undefined): Markup =>
    html`<td>
      ${
        root === null || result === null
          ? verdictMark(result?.verdict ?? null)
          : html`<a href="${root}/${pageOf(item.id)}#target=${encodeURIComponent(result.target)}"
              >${verdictMark(result.verdict)}</a
            >`
      }
      ${result === null || result.reason === '' ? '' : html`<p>${result.reason.split('\n').slice(0, 3).join('\n')}</p>`}
      ${frame === undefined ? '' : html`<p>${place === '' ? '' : `${place}: `}<code>${frame}</code></p>`}
    </td>`;
  return html`<tr>
    <th scope="row">${item.title}<small>${item.id}</small></th>
    ${side(a, links.a, firstDifference?.expected)}${side(b, links.b, firstDifference?.observed)}
  </tr>`;
}
