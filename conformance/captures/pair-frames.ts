/** Two items that belong together, or one that has none. */
export type Pair<T> = readonly [T, T] | readonly [T, null] | readonly [null, T];

/** How many items are looked at to find the two sides in step again: a bound, so that pairing takes linear time. */
const WINDOW = 32;

/**
 * Pairs two sequences in order. Where they part, the nearest place within a few items where they agree again decides:
 * items before it are extra on the one side; failing that, the two at hand are a pair that differs.
 */
export function pairFrames<T>(
  left: readonly T[],
  right: readonly T[],
  same: (left: T, right: T) => boolean,
): Pair<T>[] {
  const pairs: Pair<T>[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const a = left[i];
    const b = right[j];
    if (a === undefined || b === undefined) break;
    const [extraLeft, extraRight] = same(a, b) ? [0, 0] : resynchronise(left, i, right, j, same);
    for (const item of left.slice(i, i + extraLeft)) pairs.push([item, null]);
    for (const item of right.slice(j, j + extraRight)) pairs.push([null, item]);
    if (extraLeft + extraRight === 0) pairs.push([a, b]);
    i += extraLeft + extraRight === 0 ? 1 : extraLeft;
    j += extraLeft + extraRight === 0 ? 1 : extraRight;
  }
  for (const item of left.slice(i)) pairs.push([item, null]);
  for (const item of right.slice(j)) pairs.push([null, item]);
  return pairs;
}

/** How many items to leave out on each side, at least one of the two numbers 0. */
function resynchronise<T>(
  left: readonly T[],
  i: number,
  right: readonly T[],
  j: number,
  same: (left: T, right: T) => boolean,
): readonly [number, number] {
  const agree = (a: number, b: number): boolean => {
    const one = left[a];
    const other = right[b];
    return one !== undefined && other !== undefined && same(one, other);
  };
  for (let distance = 1; distance <= WINDOW; distance += 1) {
    if (agree(i + distance, j + distance)) return [0, 0];
    if (agree(i + distance, j)) return [distance, 0];
    if (agree(i, j + distance)) return [0, distance];
  }
  return [0, 0];
}
