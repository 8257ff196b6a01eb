import type { Run } from '../../conformance/harness/run.ts';
import { FEATURES } from '../../conformance/targets/target.ts';
import { labelled, say } from './bilingual.ts';
import { lifetimeAxis, lifetimeChart, sharesChart } from './charts.ts';
import { heatMap } from './heat-map.ts';
import { html, type Markup } from './markup.ts';
import { lifetimesOf, sharesOf } from './measurements.ts';
import { page } from './page.ts';
import { scaleSection } from './scale-section.ts';
import { stateCoverage, type CaseSteps } from './state-coverage.ts';

/** `pictures.html`: what of the state tables, schedulers, timeouts and features the cases went through, and what came out. */
export function picturesPage(run: Run, steps: readonly CaseSteps[]): string {
  const [shares, lifetimes] = [sharesOf(run), lifetimesOf(run)];
  return page({
    title: 'Coverage',
    root: '',
    current: 'pictures',
    body: html`<h1>${say((m) => m.pictures)}</h1>
      <p class="lead">${say((m) => m.picturesLead)}</p>
      <h2>${say((m) => m.stateTables)}</h2>
      <p class="explanation">${say((m) => m.stateTablesHint)}</p>
      <ul class="scale">
        <li class="never">${say((m) => m.neverReached)}</li>
        <li class="level-1">1–2</li>
        <li class="level-2">3–9</li>
        <li class="level-3">10+</li>
        <li>● ${say((m) => m.listed)}</li>
        <li>○ ${say((m) => m.notListed)}</li>
        <li>≠ ${say((m) => m.otherThanTable)}</li>
      </ul>
      ${stateCoverage(steps, run.targets).map(heatMap)}
      ${
        shares.length === 0
          ? ''
          : html`<h2>${say((m) => m.schedulers)}</h2>
              <p class="explanation">${say((m) => m.schedulersHint)}</p>
              ${targetKey(run)}
              <div class="multiples">
                ${shares.map(
                  (item) =>
                    html`<figure>
                      <figcaption><a href="${item.page}">${item.title}</a></figcaption>
                      ${sharesChart(item)}
                    </figure>`,
                )}
              </div>`
      }
      ${
        lifetimes.length === 0
          ? ''
          : html`<h2>${say((m) => m.timeouts)}</h2>
              <p class="explanation">${say((m) => m.timeoutsHint)}</p>
              ${targetKey(run)}
              <div class="lifetimes">
                <span></span>${lifetimeAxis()}
                ${lifetimes.map((item) => html`<a href="${item.page}">${item.title}</a>${lifetimeChart(item)}`)}
              </div>`
      }
      ${scaleSection(run)}
      <h2>${say((m) => m.features)}</h2>
      ${featureTable(run)}`,
  });
}

function targetKey({ targets }: Run): Markup {
  return html`<ul class="scale">
    ${targets.map(
      ({ id }, index) =>
        html`<li>
          <svg width="18" height="8" aria-hidden="true">
            <rect class="target-${index % 4}" width="18" height="8" rx="1.5" />
          </svg>
          ${id}
        </li>`,
    )}
  </ul>`;
}

/** Features × targets: whether the target says that it has it, and how the cases that need it fared. */
function featureTable({ targets, cases, results }: Run): Markup {
  const names = [
    ...new Set([...targets.flatMap(({ features }) => features), ...cases.flatMap(({ needs }) => needs)]),
  ].sort();
  const described = new Map<string, string>(Object.entries(FEATURES));
  return html`<div class="scroll" tabindex="0" role="region" ${labelled('aria-label', (m) => m.features)}>
    <table class="features">
      <thead>
        <tr>
          <th scope="col">${say((m) => m.feature)}</th>
          <th scope="col">${say((m) => m.cases)}</th>
          ${targets.map(({ id }) => html`<th scope="col">${id}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${names.map((name) => {
          const needing = new Set(cases.filter(({ needs }) => needs.includes(name)).map(({ id }) => id));
          return html`<tr>
            <th scope="row">
              <a href="index.html#feature=${encodeURIComponent(name)}">${name}</a>
              <small>${described.get(name) ?? ''}</small>
            </th>
            <td>${needing.size}</td>
            ${targets.map(({ id, features }) => {
              const good = results.filter(
                ({ target, case: item, verdict }) =>
                  target === id && needing.has(item) && (verdict === 'pass' || verdict === 'deviates'),
              ).length;
              return features.includes(name)
                ? html`<td>
                    <span class="verdict pass">${say((m) => m.has)}</span>
                    ${needing.size === 0 ? '' : `${good}/${needing.size}`}
                  </td>`
                : html`<td><span class="verdict unsupported">${say((m) => m.lacks)}</span></td>`;
            })}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}
