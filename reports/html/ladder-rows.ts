import { labelled, said, say } from './bilingual.ts';
import { english } from './english.ts';
import { MARKS, type Arrow, type Ladder, type Mark } from './ladder.ts';
import { html, type Markup } from './markup.ts';
import { MOST_FRAMES, type ResultView, type StateMark } from './result-view.ts';
import { secondsText } from './seconds-text.ts';

/** Pixels between two lanes, between those of machines, and of a row. */
const LANE = 118;
const MACHINE_LANE = 92;
const ROW = 26;
/** Frames of the same moment are a microsecond apart, so that order is kept; less than this is no time that passed. */
const MOMENT = 0.001;
/** Between machines time never stands still: this long, and nobody said anything. */
const PAUSE = 0.05;

/** The ladder: a list with a button for each frame, arrows in lanes, what the frame is, and the state that it led to. */
export function ladderRows({ ladder, states, difference }: ResultView, caseId: string, target: string): Markup {
  const arrows = ladder.arrows.slice(0, MOST_FRAMES);
  const hidden = ladder.arrows.length - arrows.length;
  const ghost = difference?.ghost ?? null;
  const director = ladder.lanes.findIndex(({ isDirector }) => isDirector);
  return html`<div
      class="ladder${ladder.isMerged ? ' merged' : ''}"
      role="group"
      style="--lane:${laneWidth(ladder)}px;--lanes:${ladder.lanes.length};--director:${director}"
      ${labelled('aria-label', (m) => m.ladder(caseId, target, ladder.arrows.length))}
    >
      <div class="heads">
        ${ladder.lanes.map(
          ({ name, detail, isDirector }) =>
            html`<span${isDirector ? html` class="director"` : ''}><b>${isDirector ? say((m) => (name === english.realServer ? m.realServer : m.director)) : name}</b>${detail}</span>`,
        )}
      </div>
      <ol>
        ${arrows.map((arrow, index) => [
          ghost?.before === index ? ghostRow(ghost.arrow, ladder) : '',
          gap(arrow, arrows[index - 1], ladder.isMerged ? PAUSE : MOMENT),
          row(arrow, ladder, states[index] ?? [], difference?.frame === index),
        ])}
        ${ghost !== null && ghost.before >= arrows.length ? ghostRow(ghost.arrow, ladder) : ''}
        ${hidden > 0 ? html`<li class="gap">${say((m) => m.moreFrames(hidden))}</li>` : ''}
      </ol>
    </div>
    ${legend(
      arrows.map(({ mark }) => mark),
      states.flat(),
    )}`;
}

const laneWidth = ({ isMerged }: Ladder): number => (isMerged ? MACHINE_LANE : LANE);

function gap(arrow: Arrow, previous: Arrow | undefined, least: number): Markup | '' {
  const wait = arrow.time - (previous?.time ?? 0);
  return wait < least ? '' : html`<li class="gap">${say((m) => m.passes(secondsText(wait)))}</li> `;
}

function row(arrow: Arrow, ladder: Ladder, states: readonly StateMark[], isFirst: boolean): Markup {
  return html`<li class="${arrow.mark}${arrow.text.startsWith('arp ') ? ' arp' : ''}${isFirst ? ' first' : ''}">
    <button type="button" data-frame="${arrow.number}" aria-pressed="false">
      <span class="n">${numbers(arrow)}</span>${arrowSvg(arrow, ladder)}${sign(arrow.mark)}<span class="text"
        >${arrow.text}</span
      >${isFirst ? html`<span class="flag">${say((m) => m.firstDifferenceHere)}</span>` : ''}${states.map(statePill)}
    </button>
    ${isNoteShown(arrow) ? html`<p class="note">${arrow.note}</p>` : ''}
  </li> `;
}

/** As it was sent, and as it arrived. */
function numbers({ number, arrivals: [first, ...more] }: Arrow): string {
  return first === undefined ? String(number) : `${number}→${first}${more.length > 0 ? '…' : ''}`;
}

/** Of what a case judged its reason is shown where it went wrong; between machines, all that the capture says. */
function isNoteShown({ mark, note }: Arrow): boolean {
  return note !== '' && mark !== 'stimulus' && mark !== 'expected' && mark !== 'unjudged';
}

function ghostRow(arrow: Arrow, ladder: Ladder): Markup {
  return html`<li class="ghost first">
    <div>
      <span class="n"></span>${arrowSvg(arrow, ladder)}<span class="sign"></span><span class="text">${arrow.text}</span
      ><span class="flag">${say((m) => m.ghost)}</span>
    </div>
  </li> `;
}

function arrowSvg({ from, to, alsoTo, mark }: Arrow, ladder: Ladder): Markup {
  const width = laneWidth(ladder);
  const middle = (lane: number): number => lane * width + width / 2;
  const y = ROW / 2;
  const start = middle(from);
  return html`<svg width="${ladder.lanes.length * width}" height="${ROW}" aria-hidden="true">
    ${[to, ...alsoTo].map((lane) => {
      const end = mark === 'lost' ? (start + middle(lane)) / 2 : middle(lane);
      const back = end > start ? -8 : 8;
      return html`<path class="shaft" d="M${start} ${y}H${end + back / 2}" />
        <path d="${mark === 'lost' ? cross(end, y) : `M${end} ${y}l${back} -4v8z`}" />`;
    })}
  </svg>`;
}

/** Where a frame was lost, as far as anybody knows. */
const cross = (x: number, y: number): string =>
  `M${x - 5} ${y - 4}l1 -1 4 4 4 -4 1 1 -4 4 4 4 -1 1 -4 -4 -4 4 -1 -1 4 -4z`;

/** The judgement as a shape, and as a word for those who hear it. */
function sign(mark: Mark): Markup {
  const isJudged = mark === 'expected' || mark === 'unexpected' || mark === 'lost' || mark === 'unsent';
  const { zh, text } = said((m) => m.marks[mark]);
  return html`<span class="sign">${isJudged ? html`<span class="heard" ${zh}>${text}</span>` : ''}</span>`;
}

function statePill({ client, state, expires, isSeen }: StateMark): Markup {
  return html`<span class="state${isSeen ? ' seen' : ''}"
    >${client === '' ? '' : `${client} `}${state ?? say((m) => m.gone)}${expires === null ? '' : ` ${expires} s`}</span
  >`;
}

/** What of colours and signs this ladder has. */
function legend(marks: readonly Mark[], states: readonly StateMark[]): Markup {
  const pills = [true, false].filter((isSeen) => states.some((state) => state.isSeen === isSeen));
  return html`<ul class="key">
    ${MARKS.filter((mark) => marks.includes(mark)).map(
      (mark) =>
        html`<li class="${mark}">
          <svg width="30" height="10" aria-hidden="true">
            <path class="shaft" d="M0 5H22" />
            <path d="M28 5l-8 -4v8z" /></svg
          ><span class="sign"></span>${say((m) => m.marks[mark])}
        </li>`,
    )}
    ${pills.map(
      (isSeen) =>
        html`<li>
          <span class="state${isSeen ? ' seen' : ''}">STATE</span>
          ${say((m) => (isSeen ? m.stateSeen : m.stateDerived))}
        </li>`,
    )}
  </ul>`;
}
