import type { Run } from '../../conformance/harness/run.ts';
import { scaleCells } from '../scale/scale-cells.ts';
import { scaleRows, type ScaleRow } from '../scale/scale-rows.ts';
import { labelled, say, type Pick } from './bilingual.ts';
import { html, type Markup } from './markup.ts';
import { methodKey, scaleChart } from './scale-chart.ts';

/** How many servers a director carries, as table and plot; empty where the run has counted nothing. */
export function scaleSection(run: Run): Markup | '' {
  const rows = scaleRows(run);
  const targets = [...new Set(rows.map(({ target }) => target))];
  return rows.length === 0
    ? ''
    : html`<h2 id="scale">${say((m) => m.scale)}</h2>
        <p class="explanation">${say((m) => m.scaleHint)}</p>
        ${methodKey()}
        <div class="multiples">
          ${targets.map((target) =>
            plots(
              target,
              rows.filter((row) => row.target === target),
            ),
          )}
        </div>
        ${table(rows)}
        <ul class="explanation">
          ${(
            [(m) => m.scaleFrames, (m) => m.scaleServers, (m) => m.scaleClaim, (m) => m.scaleCost] satisfies Pick[]
          ).map((note) => html`<li>${say(note)}</li>`)}
        </ul>`;
}

/** The same frames at the papers' cost and at the measured one. */
function plots(target: string, rows: readonly ScaleRow[]): readonly Markup[] {
  const measured = rows.flatMap(({ load, now }) => (now === null ? [] : [{ load, servers: now }]));
  return [
    html`<figure>
      <figcaption><span>${target} · ${say((m) => m.atPaperCost)}</span></figcaption>
      ${scaleChart(
        `${target}, 60 µs`,
        rows.map(({ load, then }) => ({ load, servers: then.servers })),
      )}
    </figure>`,
    ...(measured.length === 0
      ? []
      : [
          html`<figure>
            <figcaption><span>${target} · ${say((m) => m.atMeasuredCost)}</span></figcaption>
            ${scaleChart(target, measured)}
          </figure>`,
        ]),
  ];
}

function table(rows: readonly ScaleRow[]): Markup {
  const headings: readonly Pick[] = [
    (m) => m.target,
    (m) => m.method,
    (m) => m.answerBytes,
    (m) => m.framesToServers,
    (m) => m.framesToClients,
    (m) => m.bytesToServers,
    (m) => m.bytesToClients,
    (m) => m.shareOfNat,
    (m) => m.serversAtPaperCost,
    (m) => m.serversOfPapers,
    (m) => m.measuredCost,
    (m) => m.serversAtMeasuredCost,
  ];
  return html`<div class="scroll" tabindex="0" role="region" ${labelled('aria-label', (m) => m.scale)}>
    <table class="numbers">
      <thead>
        <tr>
          ${headings.map((heading) => html`<th scope="col">${say(heading)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => {
          const { method, ...numbers } = scaleCells(row);
          return html`<tr>
            <th scope="row">${row.target}</th>
            <td>${method}</td>
            ${Object.values(numbers).map((text) => html`<td>${text}</td>`)}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}
