import type { FirstDifference } from '../conformance/harness/run.ts';

/** A first difference as one line: where, what the reference sent, what was observed. */
export function describeDifference(difference: FirstDifference): string {
  const { frame, layer, field, offset, expected, observed } = difference;
  const place = [
    `frame ${frame + 1}`,
    ...(layer === undefined ? [] : [`layer ${layer}`]),
    ...(field === undefined ? [] : [`field ${field}`]),
    ...(offset === undefined ? [] : [`byte ${offset}`]),
  ].join(', ');
  return `${place}: expected ${expected}, observed ${observed}`;
}
