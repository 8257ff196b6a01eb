import type { FirstDifference } from '../conformance/harness/run.ts';

/** A first difference as one line: where (frames by their number in the capture), what the reference sent, what was observed. */
export function describeDifference(difference: FirstDifference): string {
  const { left, right, layer, field, offset, expected, observed } = difference;
  const place = [
    right === null ? `frame ${(left ?? 0) + 1} of the reference` : `frame ${right + 1}`,
    ...(layer === undefined ? [] : [`layer ${layer}`]),
    ...(field === undefined ? [] : [`field ${field}`]),
    ...(offset === undefined ? [] : [`byte ${offset}`]),
  ].join(', ');
  return `${place}: expected ${expected}, observed ${observed}`;
}
