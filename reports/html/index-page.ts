import type { Verdict } from '../../conformance/harness/run.ts';
import { VERDICTS } from '../verdict-counts.ts';
import { html, type Markup } from './markup.ts';
import type { Messages } from './messages.ts';
import { page } from './page.ts';
import type { Area, ReportData, Row, TargetSummary } from './report-data.ts';
import { verdictMark } from './verdict-mark.ts';

/** `index.html`: the targets with their totals, then every case in a matrix with them. */
export function indexPage(data: ReportData, messages: Messages): string {
  return page(
    messages.title,
    '',
    messages,
    html`<header>
        <h1>${messages.title}</h1>
        <p>${messages.subtitle}</p>
        ${facts(data, messages)}
      </header>
      <main>
        <h2>${messages.targets}</h2>
        ${totals(data.targets, messages)}
        <h2>${messages.cases}</h2>
        <fieldset class="filter">
          <legend>${messages.show}</legend>
          <label><input type="radio" name="show" checked /> ${messages.showAll}</label>
          <label><input type="radio" name="show" id="show-imperfect" /> ${messages.showImperfect}</label>
          <label><input type="radio" name="show" id="show-failed" /> ${messages.showFailed}</label>
        </fieldset>
        ${data.areas.map((area) => areaTable(area, data, messages))}
      </main>`,
  );
}

function facts({ run }: ReportData, messages: Messages): Markup {
  return html`<dl class="facts">
    <div>
      <dt>${messages.started}</dt>
      <dd><time datetime="${run.startedAt}">${run.startedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}</time></dd>
    </div>
    <div>
      <dt>${messages.duration}</dt>
      <dd>${messages.seconds(run.durationMs)}</dd>
    </div>
    <div>
      <dt>${messages.tool}</dt>
      <dd>${run.tool.name} ${run.tool.version}</dd>
    </div>
    <div class="wide">
      <dt>${messages.reproduce}</dt>
      <dd><code>${run.tool.command}</code></dd>
    </div>
  </dl>`;
}

function totals(targets: readonly TargetSummary[], messages: Messages): Markup {
  return html`<div class="scroll">
    <table class="totals">
      <thead>
        <tr>
          <th scope="col">${messages.targets}</th>
          <th scope="col">${messages.version}</th>
          ${VERDICTS.map(
            (verdict) =>
              html`<th scope="col" title="${messages.verdictMeanings[verdict]}">${verdictMark(verdict, messages)}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${targets.map(
          ({ target, counts }) =>
            html` <tr>
              <th scope="row">${target.id}<small>${target.description}</small>${bar(counts)}</th>
              <td class="version">${target.version}</td>
              ${VERDICTS.map(
                (verdict) => html`<td class="number${counts[verdict] === 0 ? ' zero' : ''}">${counts[verdict]}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** The shares of the verdicts; the numbers beside it say the same, so it is hidden from readers. */
function bar(counts: TargetSummary['counts']): Markup {
  return html`<span class="bar" aria-hidden="true"
    >${VERDICTS.filter((verdict) => counts[verdict] > 0).map(
      (verdict) => html`<span class="${verdict}" style="flex-grow:${counts[verdict]}"></span>`,
    )}</span
  >`;
}

function areaTable(area: Area, { targets }: ReportData, messages: Messages): Markup {
  return html`<section class="${rank(area.cases.flatMap(({ verdicts }) => verdicts))}">
    <h3>${area.name} <small>${messages.caseCount(area.cases.length)}</small></h3>
    <div class="scroll">
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">${messages.case}</th>
            <th scope="col">${messages.level}</th>
            ${targets.map(({ target }) => html`<th scope="col">${target.id}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${area.cases.map((row) => caseRow(row, messages))}
        </tbody>
      </table>
    </div>
  </section> `;
}

function caseRow(row: Row, messages: Messages): Markup {
  return html` <tr class="${rank(row.verdicts)}">
    <th scope="row"><a href="${row.page}">${row.case.title}</a><small>${row.case.id}</small></th>
    <td>${row.case.level}</td>
    ${row.verdicts.map((verdict) => html`<td>${verdictMark(verdict, messages)}</td>`)}
  </tr>`;
}

/** What the filter goes by. */
function rank(verdicts: readonly (Verdict | null)[]): 'failed' | 'imperfect' | 'perfect' {
  if (verdicts.some((verdict) => verdict === 'fail' || verdict === 'error')) {
    return 'failed';
  }
  return verdicts.every((verdict) => verdict === 'pass') ? 'perfect' : 'imperfect';
}
