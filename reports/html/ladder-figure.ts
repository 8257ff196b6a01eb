import { MARKS, type Arrow, type Ladder, type Mark } from './ladder.ts';
import { html, type Markup } from './markup.ts';
import type { Messages } from './messages.ts';

const LANE_WIDTH = 150;
const LEFT = 70;
const HEAD = 46;
const ROW = 26;
const CHARACTER = 7.3;
/** A case of thousands of frames stays a page that opens at once; the capture has the rest. */
const MOST_ARROWS = 300;

/** The ladder as inline SVG: time at the left, lanes with one arrow a frame, what the frame is at the right. */
export function ladderFigure(ladder: Ladder, label: string, messages: Messages): Markup {
  const arrows = ladder.arrows.slice(0, MOST_ARROWS);
  const hidden = ladder.arrows.length - arrows.length;
  const textAt = LEFT + ladder.lanes.length * LANE_WIDTH;
  const longest = Math.max(0, ...arrows.map(({ text }) => text.length));
  const width = Math.ceil(textAt + 30 + longest * CHARACTER);
  const bottom = HEAD + arrows.length * ROW + 10;
  const height = bottom + (hidden > 0 ? ROW : 0);
  return html`<div class="ladder" tabindex="0" role="region" aria-label="${label}">
    <svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
      ${ladder.lanes.map(
        (lane, index) =>
          html`<g class="lane${lane.isDirector ? ' director' : ''}"
            ><text x="${laneX(index)}" y="16" class="name">${lane.name}</text
            ><text x="${laneX(index)}" y="31">${lane.detail}</text
            ><line x1="${laneX(index)}" y1="${HEAD - 8}" x2="${laneX(index)}" y2="${bottom}"
          /></g> `,
      )}${arrows.map((arrow, row) => arrowMarkup(arrow, HEAD + row * ROW + ROW / 2, textAt, messages))}${
        hidden > 0 ? html`<text x="${LEFT}" y="${height - 8}">${messages.moreFrames(hidden)}</text>` : ''
      }
    </svg>
  </div>`;
}

/** What the arrows' colours and signs say, in a list below the ladder. */
export function ladderLegend(messages: Messages): Markup {
  return html`<ul class="legend">
    ${MARKS.map(
      (mark) =>
        html`<li>
          <svg width="34" height="12" aria-hidden="true">
            <g class="arrow ${mark}">
              <line x1="0" y1="6" x2="14" y2="6" />
              <path d="M18 6l-7 -4v8z" />
              ${sign(mark, 22, 6)}
            </g></svg
          >${messages.marks[mark]}
        </li>`,
    )}
  </ul>`;
}

function laneX(index: number): number {
  return LEFT + index * LANE_WIDTH + LANE_WIDTH / 2;
}

function arrowMarkup(arrow: Arrow, y: number, textAt: number, messages: Messages): Markup {
  const [from, to] = [laneX(arrow.from), laneX(arrow.to)];
  const back = to > from ? -7 : 7;
  const title = [
    `${arrow.number}: ${arrow.text}`,
    messages.marks[arrow.mark],
    ...(arrow.note === '' ? [] : [arrow.note]),
  ];
  return html`<g class="arrow ${arrow.mark}"
    ><title>${title.join('\n')}</title><text class="time" x="${LEFT - 8}" y="${y + 4}">${time(arrow.time)}</text
    ><line x1="${from}" y1="${y}" x2="${to + back / 2}" y2="${y}" /><path
      d="M${to} ${y}l${back} -4v8z"
    />${sign(arrow.mark, textAt, y)}<text x="${textAt + 20}" y="${y + 4}">${arrow.text}</text></g
  > `;
}

/** The judgement as a shape, for those who do not see the colours. */
function sign(mark: Mark, x: number, y: number): Markup | '' {
  switch (mark) {
    case 'expected':
      return html`<path class="sign" d="M${x} ${y}l4 4l8 -9" />`;
    case 'unexpected':
      return html`<path class="sign" d="M${x + 1} ${y - 5}l10 10m0 -10l-10 10" />`;
    case 'stimulus':
    case 'unjudged':
      return '';
  }
}

/** Seconds with as many places as tell: virtual time jumps by minutes, frames follow by microseconds. */
function time(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toFixed(3)} ms` : `${seconds.toFixed(3)} s`;
}
