/** `0.25 s`, `899 s`: with no more places than tell. */
export function secondsText(seconds: number): string {
  return `${Number(seconds.toFixed(seconds < 10 ? 3 : 1))} s`;
}
