/** A suite of Debian that has user-mode kernels. */
export interface Suite {
  readonly name: string;
  /** Its kernel's series. What a released suite has stays; the others move on, and their index says what they have now. */
  readonly series: string;
  readonly moves: boolean;
}

/** Oldest first. */
export const SUITES: readonly Suite[] = [
  { name: 'bullseye', series: '5.10', moves: false },
  { name: 'bookworm', series: '6.1', moves: false },
  { name: 'trixie', series: '6.12', moves: false },
  { name: 'forky', series: '7.2', moves: true },
  { name: 'sid', series: '7.2', moves: true },
];

/** The suites to look in for a kernel of a series: those that are known to have it, or may have moved on to it. */
export const suitesWith = (series: string): readonly Suite[] => {
  const known = SUITES.filter((suite) => suite.series === series);
  return known.length > 0 ? known : SUITES.filter((suite) => suite.moves && isNewer(series, suite.series));
};

const isNewer = (series: string, other: string): boolean => {
  const [major = 0, minor = 0] = series.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
};

/** The series of a kernel version: its first two numbers. */
export const seriesOf = (version: string): string => version.split('.').slice(0, 2).join('.');
