import { scaleLog } from 'd3-scale';
import type { DirectorLoad } from '../../conformance/harness/run.ts';
import { METHOD_NAMES, METHODS } from '../scale/method-names.ts';
import { serversText } from '../scale/scale-cells.ts';
import { html, type Markup } from './markup.ts';

/** How many servers, for answers of one size. */
export interface ScalePoint {
  readonly load: DirectorLoad;
  readonly servers: number;
}

const [WIDTH, HEIGHT] = [360, 210];
/** Bytes of an answer, and servers. */
const x = scaleLog([1000, 1_000_000], [44, WIDTH - 14]).clamp(true);
const y = scaleLog([0.5, 1000], [HEIGHT - 22, 8]).clamp(true);
const SIZES = [
  [1e3, '1 kB'],
  [1e4, '10 kB'],
  [1e5, '100 kB'],
  [1e6, '1 MB'],
] as const;
const SERVERS = [1, 10, 100, 1000];

/** Servers that a director carries by the size of answers, both logarithmic, a line a method; the papers' 10 to 20 and 100 behind it. */
export function scaleChart(name: string, points: readonly ScalePoint[]): Markup {
  const told = points.map(
    ({ load, servers }) => `${METHOD_NAMES[load.method]}, ${load.answerBytes} B: ${serversText(servers)}`,
  );
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${name}: ${told.join('; ')}">
    <rect class="stated" x="${x(1000)}" y="${y(20)}" width="${x(1_000_000) - x(1000)}" height="${y(10) - y(20)}" />
    <path class="claim" d="M${x(1000)} ${y(100)}H${x(1_000_000)}" />
    ${SIZES.map(([size, text]) => html`<path class="tick" d="M${x(size)} ${y(1000)}V${y(0.5)}" /><text x="${x(size)}" y="${HEIGHT - 6}" text-anchor="middle">${text}</text>`)}
    ${SERVERS.map((count) => html`<path class="tick" d="M${x(1000)} ${y(count)}H${x(1_000_000)}" /><text x="38" y="${y(count) + 4}" text-anchor="end">${count}</text>`)}
    ${METHODS.map((method, index) =>
      line(
        points.filter(({ load }) => load.method === method),
        index,
      ),
    )}
  </svg>`;
}

/** Later methods have smaller points, so that two at the same place are seen. */
function line(points: readonly ScalePoint[], index: number): Markup {
  const places = points.map(({ load, servers }) => [x(load.answerBytes), y(servers)] as const);
  const path = places.map(([left, top], place) => `${place === 0 ? 'M' : 'L'}${left.toFixed(1)} ${top.toFixed(1)}`);
  return html`<g class="method-${index}">
    ${path.length > 1 ? html`<path class="course" d="${path.join('')}" />` : ''}
    ${places.map(([left, top]) => html`<circle cx="${left.toFixed(1)}" cy="${top.toFixed(1)}" r="${6 - 1.5 * index}" />`)}
  </g>`;
}

export function methodKey(): Markup {
  return html`<ul class="scale">
    ${METHODS.map(
      (method, index) =>
        html`<li>
          <svg width="26" height="14" aria-hidden="true">
            <g class="method-${index}">
              <path class="course" d="M0 7H26" />
              <circle cx="13" cy="7" r="${6 - 1.5 * index}" />
            </g>
          </svg>
          ${METHOD_NAMES[method]}
        </li>`,
    )}
  </ul>`;
}
