import { labelled, say } from './bilingual.ts';
import { html, type Markup } from './markup.ts';
import type { CoverageCell, CoverageTable } from './state-coverage.ts';
import { TCP_STATE_NAMES } from '../../reference/connections/tcp-states.ts';

/** Of a cell's cases so many are named. */
const MOST_NAMED = 40;

/** A state table: rows are segments, columns states; the darker a cell, the more cases went through it. Cells open by a button. */
export function heatMap({ direction, rows }: CoverageTable): Markup {
  const cells = rows.flatMap((row) => row.cells);
  const reached = cells.filter(({ cases }) => cases.size > 0).length;
  return html`<section class="heat">
    <h3>${say((m) => m.directions[direction])} <small>${say((m) => m.reached(reached, cells.length))}</small></h3>
    <div class="scroll" tabindex="0" role="region" ${labelled('aria-label', (m) => m.directions[direction])}>
      <table>
        <thead>
          <tr>
            <th scope="col">${say((m) => m.segment)}</th>
            ${TCP_STATE_NAMES.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ event, cells: row }) =>
              html`<tr>
                <th scope="row">${event === 'NOTHING' ? say((m) => m.noFlag) : event}</th>
                ${row.map((cell) => cellMarkup(cell, `${direction}-${event}-${cell.before}`))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function cellMarkup({ next, cases, seen, differs }: CoverageCell, id: string): Markup {
  if (cases.size === 0) {
    return html`<td class="never">${next}</td>`;
  }
  const level = cases.size >= 10 ? 3 : cases.size >= 3 ? 2 : 1;
  const named = [...cases].slice(0, MOST_NAMED);
  return html`<td class="level-${level}${differs ? ' differs' : ''}">
    <button type="button" popovertarget="${id}">
      ${next}<small>${differs ? '≠' : seen.size > 0 ? '●' : '○'} ${say((m) => m.caseCount(cases.size))}</small>
    </button>
    <div popover="auto" id="${id}" role="dialog" ${labelled('aria-label', (m) => m.cases)}>
      <p>
        ${
          seen.size === 0
            ? say((m) => m.notListed)
            : [...seen].map(([target, states]) => html`<b>${target}</b> → ${[...states].join(', ')}<br />`)
        }
      </p>
      <ul>
        ${named.map(([name, path]) => html`<li><a href="${path}">${name}</a></li>`)}
        ${cases.size > named.length ? html`<li>… +${cases.size - named.length}</li>` : ''}
      </ul>
    </div>
  </td>`;
}
