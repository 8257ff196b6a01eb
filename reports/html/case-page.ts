import type { FirstDifference } from '../../conformance/harness/run.ts';
import { ladderFigure, ladderLegend } from './ladder-figure.ts';
import { html, type Markup } from './markup.ts';
import type { Messages } from './messages.ts';
import { page } from './page.ts';
import type { CasePage, Frames, Outcome } from './report-data.ts';
import { sourceLink } from './source-link.ts';
import { verdictMark } from './verdict-mark.ts';

const ROOT = '../';

/** A case's page: what is required and why, then what each target made of it, frame by frame. */
export function casePage(data: CasePage, frames: readonly Frames[], messages: Messages): string {
  const item = data.case;
  return page(
    `${item.title} · ${messages.title}`,
    ROOT,
    messages,
    html`<nav>
        <a href="${ROOT}index.html">${messages.allCases}</a
        >${turn(data.previous, messages.previous)}${turn(data.next, messages.next)}
      </nav>
      <header>
        <h1>${item.title}</h1>
        <p><code>${item.id}</code></p>
        <blockquote>
          <p>${item.requirement}</p>
          <footer>${item.source.map((source, index) => [index === 0 ? '' : '; ', citation(source)])}</footer>
        </blockquote>
        <dl class="facts">
          <div>
            <dt>${messages.level}</dt>
            <dd>${item.level}</dd>
          </div>
          <div>
            <dt>${messages.tags}</dt>
            <dd>${item.tags.join(', ')}</dd>
          </div>
          <div>
            <dt>${messages.needs}</dt>
            <dd>${item.needs.join(', ')}</dd>
          </div>
        </dl>
      </header>
      <main>${data.outcomes.map((outcome, index) => outcomeSection(outcome, frames[index] ?? null, messages))}</main>`,
  );
}

function turn(target: string | null, label: string): Markup | '' {
  return target === null ? '' : html`<a href="${ROOT}${target}">${label}</a>`;
}

function outcomeSection(outcome: Outcome, frames: Frames, messages: Messages): Markup {
  const { target, result } = outcome;
  return html` <section class="outcome">
    <h2>${target.id} ${verdictMark(result.verdict, messages)}</h2>
    <p class="meta">${target.description} · ${target.version} · ${messages.seconds(result.durationMs)}</p>
    ${
      // Of a deviation the list below says more.
      result.reason === '' || (outcome.deviations.length > 0 && result.verdict === 'deviates')
        ? ''
        : html`<h3>${messages.reason}</h3>
            <pre>${result.reason}</pre>`
    }
    ${outcome.deviations.length === 0 ? '' : deviationList(outcome, messages)}
    ${result.firstDifference === null ? '' : difference(result.firstDifference, messages)}
    <h3>${messages.frames}</h3>
    ${framesMarkup(outcome, frames, messages)}
    ${result.capture === null ? '' : html`<p><a href="${ROOT}${hrefOf(result.capture)}">${messages.capture}</a></p>`}
    <p>${messages.reproduce}: <code>lvs-conformance run --target ${target.id} --case ${result.case}</code></p>
  </section>`;
}

function framesMarkup({ target, result }: Outcome, frames: Frames, messages: Messages): Markup {
  if (frames === null) {
    return html`<p>${messages.noFrames}</p>`;
  }
  return 'unreadable' in frames
    ? html`<p>${messages.captureUnreadable}: ${frames.unreadable}</p>`
    : html`${ladderFigure(frames, messages.ladder(result.case, target.id, frames.arrows.length), messages)}${ladderLegend(messages)}`;
}

function deviationList({ deviations }: Outcome, messages: Messages): Markup {
  return html`<h3>${messages.deviations}</h3>
    <dl class="deviations">
      ${deviations.map(
        ({ id, deviation }) =>
          html`<div>
            <dt>${deviation?.title ?? id}</dt>
            <dd>
              ${deviation === null ? messages.undocumentedDeviation : deviation.reason}
              <footer><code>${id}</code>${deviation?.source.map((source) => ['; ', citation(source)]) ?? ''}</footer>
            </dd>
          </div>`,
      )}
    </dl>`;
}

function difference(
  { left, right, layer, field, offset, expected, observed }: FirstDifference,
  messages: Messages,
): Markup {
  const place = [
    right === null ? messages.referenceFramePlace((left ?? 0) + 1) : messages.framePlace(right + 1),
    ...(layer === undefined ? [] : [layer]),
    ...(field === undefined ? [] : [field]),
    ...(offset === undefined ? [] : [messages.bytePlace(offset)]),
  ];
  return html`<h3>${messages.firstDifference}</h3>
    <dl class="facts">
      <div>
        <dt>${messages.place}</dt>
        <dd>${place.join(' · ')}</dd>
      </div>
      <div>
        <dt>${messages.expected}</dt>
        <dd><code>${expected}</code></dd>
      </div>
      <div>
        <dt>${messages.observed}</dt>
        <dd><code>${observed}</code></dd>
      </div>
    </dl>`;
}

function citation(source: string): Markup {
  const link = sourceLink(source);
  return link === null ? html`${source}` : html`<a href="${link}">${source}</a>`;
}

/** A path as a link: each part escaped, so that a name with `#` or `?` is still found. */
function hrefOf(path: string): string {
  return path
    .replace(/\p{Cs}/gu, '\ufffd')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}
