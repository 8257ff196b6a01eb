import type { Check, RunResult } from '../../conformance/harness/run.ts';
import { labelled, said, say } from './bilingual.ts';
import { differenceSection, type ShownFrame } from './difference-section.ts';
import { english } from './english.ts';
import { jsonForPage } from './frame-data.ts';
import { ladderRows } from './ladder-rows.ts';
import { html, type Markup } from './markup.ts';
import { page } from './page.ts';
import { pathLink } from './path-link.ts';
import type { CasePage, Neighbour, Outcome } from './report-data.ts';
import { referenceOf } from './reference-of.ts';
import { MOST_FRAMES, type ResultView } from './result-view.ts';
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
      ${data.outcomes.map((outcome, index) => outcomeSection(outcome, frames[index] ?? null, shownFrames(data.outcomes, frames, index)))}`,
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

/** Where in the ladders of the page a target between machines parts from what it was compared with: each of the two its own frame. */
function shownFrames(outcomes: readonly Outcome[], frames: readonly Frames[], index: number): readonly ShownFrame[] {
  const [outcome, view] = [outcomes[index], frames[index] ?? null];
  if (outcome === undefined || view === null || 'unreadable' in view || !view.ladder.isMerged) {
    return [];
  }
  const { left, right } = outcome.result.firstDifference ?? { left: null, right: null };
  const reference = outcomes.findIndex(({ target }) => target.id === referenceOf(outcome.target.id));
  return [[index, right] as const, [reference, left] as const].flatMap(([place, frame]) => {
    const [target, ladder] = [outcomes[place]?.target.id, frames[place] ?? null];
    if (target === undefined || frame === null || ladder === null || 'unreadable' in ladder) {
      return [];
    }
    const arrow = ladder.ladder.arrows
      .slice(0, MOST_FRAMES)
      .find(({ number, arrivals }) => number === frame + 1 || arrivals.includes(frame + 1));
    return arrow === undefined ? [] : [{ target, frame: arrow.number }];
  });
}

function outcomeSection(outcome: Outcome, frames: Frames, differing: readonly ShownFrame[]): Markup {
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
    ${result.firstDifference === null ? '' : differenceSection(result.firstDifference, differing)}
    <h3>${say((m) => m.frames)}</h3>
    ${framesMarkup(outcome, frames)} ${checkTable(result.checks ?? [])}
    <p class="actions">
      ${
        result.capture === null
          ? ''
          : html`<a class="button" href="${ROOT}${pathLink(result.capture)}" download="">${say((m) => m.capture)}</a>`
      }
      <span>${say((m) => m.reproduceCase)}: <code>${commandFor(result)}</code></span>
    </p>
  </section>`;
}

const isInContainers = (target: string): boolean => target.startsWith('docker-');

/** Targets in containers are run by a command of their own. */
function commandFor({ target, case: id }: RunResult): string {
  return isInContainers(target)
    ? `npm run containers -- --case ${id} --director ${target}`
    : `lvs-conformance run --target ${target} --case ${id}`;
}

function framesMarkup({ target, result }: Outcome, frames: Frames): Markup {
  if (frames === null) {
    const isUnrecorded = isInContainers(result.target) && result.verdict !== 'unsupported';
    return html`<p>${say((m) => (isUnrecorded ? m.notRecorded : m.noFrames))}</p>`;
  }
  if ('unreadable' in frames) {
    return html`<p>${say((m) => m.captureUnreadable)}: ${frames.unreadable}</p>`;
  }
  const { difference: found, data, note } = frames;
  const words = (['layers', 'bytes', 'frameTitle', 'close', 'reference', 'observed'] as const).map((key) => {
    const { zh, text } = said((m) => m[key]);
    return html`<i data-word="${key}" ${zh}>${text}</i>`;
  });
  return html`<p class="hint">${say((m) => m.frameHint)}</p>
    ${note === '' ? '' : html`<p class="hint">${note}</p>`} ${ladderRows(frames, result.case, target.id)}
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

function checkTable(checks: readonly Check[]): Markup | '' {
  // Where nobody counts frames, the time tells when.
  const isTimed = checks.every(({ frames }) => frames === 0);
  return checks.length === 0
    ? ''
    : html`<details class="checks">
        <summary>${say((m) => m.checks)} (${checks.length})</summary>
        <div class="scroll" tabindex="0" role="region" ${labelled('aria-label', (m) => m.checks)}>
          <table>
            <thead>
              <tr>
                <th scope="col">${say((m) => (isTimed ? m.after : m.behind))}</th>
                <th scope="col">${say((m) => m.check)}</th>
                <th scope="col">${say((m) => m.expected)}</th>
                <th scope="col">${say((m) => m.observed)}</th>
              </tr>
            </thead>
            <tbody>
              ${checks.map(
                ({ frames, time, what, required, actual }) =>
                  html`<tr>
                    <td>${isTimed ? `${time.toFixed(1)} s` : frames}</td>
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
