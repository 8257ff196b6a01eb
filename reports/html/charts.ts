import { scaleLinear, scaleLog } from 'd3-scale';
import { html, type Markup } from './markup.ts';
import type { Interval, Lifetime, Shares } from './measurements.ts';
import { secondsText } from './seconds-text.ts';

const BAR = 9;

/** One bar a server and target, a line where the ideal is, and the number. */
export function sharesChart({ ideal, observed, title }: Shares): Markup {
  const most = Math.max(1, ...ideal, ...observed.flatMap(({ counts }) => counts));
  const x = scaleLinear([0, most], [58, 250]);
  const group = observed.length * BAR + 10;
  const height = ideal.length * group;
  const told = observed.map(({ target, counts }) => `${target} ${counts.join(' : ')}`).join('; ');
  return html`<svg
    class="chart"
    viewBox="0 0 290 ${height}"
    role="img"
    aria-label="${title}: ${ideal.join(' : ')}; ${told}"
  >
    ${ideal.map((wanted, server) => {
      const top = server * group + 4;
      return html`<text x="0" y="${top + (observed.length * BAR) / 2 + 4}">server ${server + 1}</text>
        ${observed.map(({ counts }, index) => bar(x(0), x(counts[server] ?? 0), top + index * BAR, index))}
        <path class="ideal" d="M${x(wanted)} ${top - 3}v${observed.length * BAR + 6}" />
        <text x="256" y="${top + (observed.length * BAR) / 2 + 4}"
          >${observed.map(({ counts }) => counts[server] ?? 0).join(' · ')}</text
        >`;
    })}
  </svg>`;
}

function bar(from: number, to: number, y: number, index: number): Markup {
  return html`<rect
    class="target-${index % 4}"
    x="${from}"
    y="${y}"
    width="${Math.max(1, to - from)}"
    height="${BAR - 2}"
    rx="1.5"
  />`;
}

const WIDTH = 560;
/** Seconds: shorter than any timeout, and longer than any. */
const axis = scaleLog([1, 2000], [8, WIDTH - 70]).clamp(true);
const TICKS = [1, 2, 5, 10, 30, 60, 120, 300, 900, 1800];

export function lifetimeAxis(): Markup {
  return html`<svg class="chart axis" viewBox="0 0 ${WIDTH} 18" aria-hidden="true">
    ${TICKS.map((tick) => html`<text x="${axis(tick)}" y="13">${tick} s</text>`)}
  </svg>`;
}

/** One bar a target, from the last instant at which the connection was known to the first at which it was not; stated is shaded. */
export function lifetimeChart({ title, stated, observed }: Lifetime): Markup {
  const height = observed.length * BAR + 8;
  const told = observed.map(({ target, interval }) => `${target} ${text(interval)}`).join('; ');
  const [from, to] = stated.map((instant) => axis(instant)) as [number, number];
  return html`<svg
    class="chart"
    viewBox="0 0 ${WIDTH} ${height}"
    role="img"
    aria-label="${title}: ${text(stated)}; ${told}"
  >
    ${TICKS.map((tick) => html`<path class="tick" d="M${axis(tick)} 0v${height}" />`)}
    <rect class="stated" x="${from - 2}" y="0" width="${Math.max(5, to - from + 4)}" height="${height}" rx="2" />
    ${observed.map(({ interval }, index) => bar(axis(interval[0]), Math.max(axis(interval[1]), axis(interval[0]) + 3), 4 + index * BAR, index))}
    <text x="${WIDTH - 62}" y="${height / 2 + 4}">
      ${[...new Set(observed.map(({ interval }) => secondsText(Math.ceil(interval[0]))))].join(' · ')}
    </text>
  </svg>`;
}

const text = ([known, unknown]: Interval): string => `${known} – ${unknown} s`;
