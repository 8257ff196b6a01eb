import { FEATURES } from '../../conformance/targets/target.ts';
import { VERDICTS } from '../verdict-counts.ts';
import { labelled, said, say, type Pick } from './bilingual.ts';
import { html, type Markup, type MarkupPart } from './markup.ts';
import type { ReportData } from './report-data.ts';

/** The filters of the overview. Their names are those in the address; the script does the rest, and without it they do not show. */
export function filterBar({ areas, targets, features, run }: ReportData): Markup {
  return html`<form class="filter" role="search" ${labelled('aria-label', (m) => m.filter)} hidden="">
    <div class="row">
      <label class="search"
        >${say((m) => m.search)}
        <input type="search" name="q" autocomplete="off" ${labelled('placeholder', (m) => m.searchHint)}
      /></label>
      ${select(
        'area',
        (m) => m.area,
        (m) => m.any,
        areas.map(({ name }) => [name, name]),
      )}
      ${select(
        'target',
        (m) => m.target,
        (m) => m.anyTarget,
        targets.map(({ target }) => [target.id, target.id]),
      )}
      ${select(
        'feature',
        (m) => m.feature,
        (m) => m.any,
        features.map((name) => [name, describe(name)]),
      )}
      ${select(
        'level',
        (m) => m.level,
        (m) => m.any,
        [
          ['core', 'core'],
          ['ipvs', 'ipvs'],
        ],
      )}
    </div>
    <div class="row">
      <fieldset>
        <legend>${say((m) => m.verdict)}</legend>
        ${VERDICTS.map((verdict) => {
          const { zh, text } = said((m) => m.verdicts[verdict]);
          return html`<label class="chip" ${labelled('title', (m) => m.verdictMeanings[verdict])}
            ><input type="checkbox" name="verdict" value="${verdict}" /><span class="verdict ${verdict}" ${zh}
              >${text}</span
            ></label
          > `;
        })}
        <label class="chip"
          ><input type="checkbox" name="differ" value="1" /><span>${say((m) => m.differing)}</span></label
        >
      </fieldset>
      <p class="count">
        <output
          ><b id="count">${run.cases.length}</b> ${say((m) => m.of)} ${run.cases.length} ${say((m) => m.shown)}</output
        >
        <button type="reset">${say((m) => m.reset)}</button>
      </p>
    </div>
    <p id="none" hidden="">${say((m) => m.noneShown)}</p>
  </form>`;
}

function select(name: string, label: Pick, any: Pick, options: readonly (readonly [string, MarkupPart])[]): Markup {
  const { zh, text } = said(any);
  return html`<label
    >${say(label)}
    <select name="${name}">
      <option value="" ${zh}>${text}</option>
      ${options.map(([value, content]) => html`<option value="${value}">${content}</option>`)}
    </select></label
  > `;
}

function describe(feature: string): string {
  const known = Object.entries(FEATURES).find(([name]) => name === feature);
  return known === undefined ? feature : `${feature} – ${known[1]}`;
}
