import type { FirstDifference } from '../../conformance/harness/run.ts';
import { say } from './bilingual.ts';
import { html, type Markup } from './markup.ts';
import { pathLink } from './path-link.ts';

/** A frame that can be opened in a ladder of the page. */
export interface ShownFrame {
  readonly target: string;
  /** Its number in the ladder. */
  readonly frame: number;
}

/** The first difference by its name. `shown` are the frames that differ, where each stands in a ladder of its own. */
export function differenceSection(
  { left, right, layer, field, offset, expected, observed }: FirstDifference,
  shown: readonly ShownFrame[],
): Markup {
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
      ${
        shown.length === 0
          ? ''
          : html`<div>
              <dt>${say((m) => m.inTheLadders)}</dt>
              <dd>
                ${shown.map(
                  ({ target, frame }, index) =>
                    html`${index === 0 ? '' : ' · '}<a href="#${`target=${pathLink(target)}&frame=${frame}`}"
                        >${say((m) => m.frameOf(frame, target))}</a
                      >`,
                )}
              </dd>
            </div>`
      }
    </dl>`;
}
