import type { Check, FirstDifference } from '../../conformance/harness/run.ts';
import { labelled, said, say } from './bilingual.ts';
import { english } from './english.ts';
import { jsonForPage } from './frame-data.ts';
import { ladderRows } from './ladder-rows.ts';
import { html, type Markup } from './markup.ts';
import { page } from './page.ts';
import { pathLink } from './path-link.ts';
import type { CasePage, Neighbour, Outcome } from './report-data.ts';
import type { ResultView } from './result-view.ts';
import { sourceLink } from './source-link.ts';
import { verdictMark } from './verdict-mark.ts';

const ROOT = '../';

/** A result's frames: drawn, or why not. Null where no frame was exchanged. */
export type Frames = ResultView | { readonly unreadable: string } | null;

/** A case's page: what is required and why, then what each target made of it, frame by frame. `frames` are those of the outcomes. */
export function casePage(data: CasePage, frames: readonly Frames[]): string {
  const item = data.case;
  return page({
    title: item.title,
    root: ROOT,
    current: 'case',
    body: html`<div class="turns">${turn(data.previous, 'prev', '←')}${turn(data.next, 'next', '→')}</div>
      <h1>${item.title}</h1>
      <p class="id"><code>${item.id}</code></p>
      <blockquote>
        <p>${item.requirement}</p>
        <footer>
          ${say((m) => m.source)}: ${item.source.map((source, index) => [index === 0 ? '' : ' · ', citation(source)])}
        </footer>
      </blockquote>
      <dl class="facts">
        <div>
          <dt>${say((m) => m.level)}</dt>
          <dd>${item.level} <small>${say((m) => m.levels[item.level])}</small></dd>
        </div>
        <div>
          <dt>${say((m) => m.tags)}</dt>
          <dd>${item.tags.join(', ')}</dd>
        </div>
        <div>
          <dt>${say((m) => m.needs)}</dt>
          <dd>${item.needs.join(', ')}</dd>
        </div>
      </dl>
      <nav class="outcomes" ${labelled('aria-label', (m) => m.targets)}>
        ${data.outcomes.map(
          ({ target, result }) =>
            html`<a href="#target=${pathLink(target.id)}" data-target="${target.id}"
              ><b>${target.id}</b> ${verdictMark(result.verdict)}</a
            > `,
        )}
      </nav>
      ${data.outcomes.map((outcome, index) => outcomeSection(outcome, frames[index] ?? null))}`,
  });
}

function turn(to: Neighbour | null, rel: 'prev' | 'next', arrow: string): Markup {
  const word = say((m) => (rel === 'prev' ? m.previous : m.next));
  return to === null
    ? html`<span></span>`
    : html`<a rel="${rel}" href="${ROOT}${to.page}" title="${to.title}"
        >${rel === 'prev' ? `${arrow} ` : ''}${word}${rel === 'next' ? ` ${arrow}` : ''}</a
      >`;
}

function outcomeSection(outcome: Outcome, frames: Frames): Markup {
  const { target, result } = outcome;
  return html` <section class="outcome" data-target="${target.id}" aria-label="${target.id}">
    <h2>${target.id} ${verdictMark(result.verdict)}</h2>
    <p class="meta">${target.description} · <code>${target.version}</code> · ${english.seconds(result.durationMs)}</p>
    ${
      // Of a deviation the list below says more.
      result.reason === '' || (outcome.deviations.length > 0 && result.verdict === 'deviates')
        ? ''
        : html`<h3>${say((m) => m.reason)}</h3>
            <pre>${result.reason}</pre>`
    }
    ${outcome.deviations.length === 0 ? '' : deviationList(outcome)}
    ${result.firstDifference === null ? '' : difference(result.firstDifference)}
    <h3>${say((m) => m.frames)}</h3>
    ${framesMarkup(outcome, frames)} ${checkTable(result.checks ?? [])}
    <p class="actions">
      ${
        result.capture === null
          ? ''
          : html`<a class="button" href="${ROOT}${pathLink(result.capture)}" download="">${say((m) => m.capture)}</a>`
      }
      <span
        >${say((m) => m.reproduceCase)}:
        <code>lvs-conformance run --target ${target.id} --case ${result.case}</code></span
      >
    </p>
  </section>`;
}

function framesMarkup({ target, result }: Outcome, frames: Frames): Markup {
  if (frames === null) {
    return html`<p>${say((m) => m.noFrames)}</p>`;
  }
  if ('unreadable' in frames) {
    return html`<p>${say((m) => m.captureUnreadable)}: ${frames.unreadable}</p>`;
  }
  const { difference: found, data } = frames;
  const words = (['layers', 'bytes', 'frameTitle', 'close', 'reference', 'observed'] as const).map((key) => {
    const { zh, text } = said((m) => m[key]);
    return html`<i data-word="${key}" ${zh}>${text}</i>`;
  });
  return html`<p class="hint">${say((m) => m.frameHint)}</p>
    ${ladderRows(frames, result.case, target.id)}
    <div class="panel" hidden="" role="region" tabindex="-1" ${labelled('aria-label', (m) => m.frameTitle)}>
      <div hidden="">${words}</div>
    </div>
    <script type="application/json">
      ${jsonForPage({
        frames: data,
        difference:
          found?.reference === undefined || found.reference === null || found.frame === null
            ? null
            : { frame: found.frame, reference: found.reference },
      })}
    </script>`;
}

function deviationList({ deviations }: Outcome): Markup {
  return html`<h3>${say((m) => m.deviations)}</h3>
    <dl class="deviations">
      ${deviations.map(
        ({ id, deviation }) =>
          html`<div>
            <dt>${deviation?.title ?? id}</dt>
            <dd>
              ${deviation === null ? say((m) => m.undocumentedDeviation) : deviation.reason}
              <footer><code>${id}</code>${deviation?.source.map((source) => [' · ', citation(source)]) ?? ''}</footer>
            </dd>
          </div>`,
      )}
    </dl>`;
}

function difference({ left, right, layer, field, offset, expected, observed }: FirstDifference): Markup {
  const place = say((m) =>
    [
      right === null ? m.referenceFramePlace((left ?? 0) + 1) : m.framePlace(right + 1),
      ...(layer === undefined ? [] : [layer]),
      ...(field === undefined ? [] : [field]),
      ...(offset === undefined ? [] : [m.bytePlace(offset)]),
    ].join(' · '),
  );
  return html`<h3>${say((m) => m.firstDifference)}</h3>
    <dl class="facts difference">
      <div>
        <dt>${say((m) => m.place)}</dt>
        <dd>${place}</dd>
      </div>
      <div>
        <dt>${say((m) => m.reference)}</dt>
        <dd><code>${expected}</code></dd>
      </div>
      <div>
        <dt>${say((m) => m.observed)}</dt>
        <dd><code>${observed}</code></dd>
      </div>
    </dl>`;
}

function checkTable(checks: readonly Check[]): Markup | '' {
  return checks.length === 0
    ? ''
    : html`<details class="checks">
        <summary>${say((m) => m.checks)} (${checks.length})</summary>
        <div class="scroll" tabindex="0" role="region" ${labelled('aria-label', (m) => m.checks)}>
          <table>
            <thead>
              <tr>
                <th scope="col">${say((m) => m.behind)}</th>
                <th scope="col">${say((m) => m.check)}</th>
                <th scope="col">${say((m) => m.expected)}</th>
                <th scope="col">${say((m) => m.observed)}</th>
              </tr>
            </thead>
            <tbody>
              ${checks.map(
                ({ frames, what, required, actual }) =>
                  html`<tr>
                    <td>${frames}</td>
                    <th scope="row">${what}</th>
                    <td><code>${required}</code></td>
                    <td><code>${actual}</code></td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>`;
}

function citation(source: string): Markup {
  const link = sourceLink(source);
  return link === null ? html`${source}` : html`<a href="${link}">${source}</a>`;
}
