/** One way to make the reference director wrong on purpose: a suite that passes it would not notice the same fault elsewhere. */
export interface Mutant {
  readonly id: string;
  /** What is wrong with it, for somebody who reads the table. */
  readonly fault: string;
  /** A file below `reference/`. */
  readonly file: string;
  /** A text that stands in the file exactly once … */
  readonly text: string;
  /** … and what stands there instead. */
  readonly becomes: string;
  /** The kernel version whose profile it has, for a fault in what only some kernels do. Default: `PROFILES.linux`. */
  readonly kernel?: string;
}
