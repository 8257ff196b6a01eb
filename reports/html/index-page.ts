import type { Verdict } from '../../conformance/harness/run.ts';
import { VERDICTS } from '../verdict-counts.ts';
import { labelled, said, say } from './bilingual.ts';
import { chinese } from './chinese.ts';
import { english } from './english.ts';
import { filterBar } from './filter-bar.ts';
import { html, type Markup } from './markup.ts';
import { page } from './page.ts';
import type { Area, ReportData, Row } from './report-data.ts';
import { verdictMark } from './verdict-mark.ts';

/** `index.html`: the run, its results by area, then every case in a matrix with the targets. */
export function indexPage(data: ReportData): string {
  return page({
    title: '',
    root: '',
    current: 'overview',
    body: html`<h1>${say((m) => m.title)}</h1>
      <p class="lead">${say((m) => m.subtitle)}</p>
      ${facts(data)}
      <h2>${say((m) => m.byArea)}</h2>
      ${byArea(data)}
      <h2 id="cases">${say((m) => m.cases)}</h2>
      ${filterBar(data)}${verdictLegend()}
      <div id="matrix">${data.areas.map((area) => areaTable(area, data))}</div>`,
  });
}

function facts({ run }: ReportData): Markup {
  return html`<dl class="facts">
    <div>
      <dt>${say((m) => m.started)}</dt>
      <dd><time datetime="${run.startedAt}">${run.startedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}</time></dd>
    </div>
    <div>
      <dt>${say((m) => m.duration)}</dt>
      <dd>${english.seconds(run.durationMs)}</dd>
    </div>
    <div>
      <dt>${say((m) => m.tool)}</dt>
      <dd>${run.tool.name} ${run.tool.version}</dd>
    </div>
    <div class="wide">
      <dt>${say((m) => m.reproduce)}</dt>
      <dd><code>${run.tool.command}</code></dd>
    </div>
  </dl>`;
}

/** Areas × targets: a bar of shares, and the numbers that it stands for; each cell leads to its cases. */
function byArea({ targets, areas }: ReportData): Markup {
  return html`<div class="scroll" tabindex="0" role="region" ${labelled('aria-label', (m) => m.byArea)}>
    <table class="areas">
      <thead>
        <tr>
          <th scope="col">${say((m) => m.area)}</th>
          ${targets.map(
            ({ target }) =>
              html`<th scope="col">
                <b>${target.id}</b> <code>${target.version}</code><small>${target.description}</small>
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        <tr class="total">
          <th scope="row">${say((m) => m.all)}</th>
          ${targets.map(({ target, counts }) => html`<td>${share(counts, { target: target.id })}</td>`)}
        </tr>
        ${areas.map(
          (area) =>
            html`<tr>
              <th scope="row"><a href="#${query({ area: area.name })}">${area.name}</a></th>
              ${targets.map(
                ({ target }, index) =>
                  html`<td>${share(countsOf(area.cases, index), { area: area.name, target: target.id })}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

type Counts = Readonly<Record<Verdict, number>>;

function countsOf(rows: readonly Row[], target: number): Counts {
  const counts: Record<Verdict, number> = { pass: 0, deviates: 0, unsupported: 0, fail: 0, error: 0 };
  for (const { verdicts } of rows) {
    const verdict = verdicts[target];
    if (verdict !== null && verdict !== undefined) {
      counts[verdict] += 1;
    }
  }
  return counts;
}

function share(counts: Counts, filter: Readonly<Record<string, string>>): Markup {
  const present = VERDICTS.filter((verdict) => counts[verdict] > 0);
  return html`<div class="share">
    <span class="proportion" aria-hidden="true"
      >${present.map((verdict) => html`<i class="${verdict}" style="flex-grow:${counts[verdict]}"></i>`)}</span
    ><span class="counts"
      >${present.map((verdict) => {
        const { zh, text } = said((m) => m.verdicts[verdict]);
        return html`<a class="verdict ${verdict}" href="#${query({ ...filter, verdict })}"
          >${counts[verdict]} <span ${zh}>${text}</span></a
        > `;
      })}</span
    >
  </div>`;
}

function query(filter: Readonly<Record<string, string>>): string {
  return Object.entries(filter)
    .map(([name, value]) => `${name}=${encodeURIComponent(value.replace(/\p{Cs}/gu, '\ufffd'))}`)
    .join('&');
}

function areaTable(area: Area, data: ReportData): Markup {
  const label = (verdict: Verdict | null): Markup =>
    html`<td class="${verdict ?? 'none'}" data-zh="${verdict === null ? chinese.notRun : chinese.verdicts[verdict]}">
      ${verdict === null ? english.notRun : english.verdicts[verdict]}
    </td>`;
  return html`<section data-area="${area.name}">
    <h3>${area.name} <small>${say((m) => m.caseCount(area.cases.length))}</small></h3>
    <table class="matrix">
      <thead>
        <tr>
          <th scope="col">${say((m) => m.case)}</th>
          <th scope="col">${say((m) => m.level)}</th>
          ${data.targets.map(({ target }) => html`<th scope="col">${target.id}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${area.cases.map(
          (row) =>
            html`<tr data-n="${row.needs.join(' ')}" data-s="${searchText(row)}">
              <th scope="row"><a href="${row.page}">${row.case.title}</a> <small>${row.case.id}</small></th>
              <td>${row.case.level}</td>
              ${row.verdicts.map(label)}
            </tr> `,
        )}
      </tbody>
    </table>
  </section> `;
}

function searchText({ case: { requirement, tags } }: Row): string {
  return [requirement, ...tags].join(' ');
}

/** What each verdict means, below the filters. */
function verdictLegend(): Markup {
  return html`<dl class="legend">
    ${VERDICTS.map(
      (verdict) =>
        html`<div>
          <dt>${verdictMark(verdict)}</dt>
          <dd>${say((m) => m.verdictMeanings[verdict])}</dd>
        </div>`,
    )}
  </dl>`;
}
