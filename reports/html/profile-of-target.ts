import type { RunTarget } from '../../conformance/harness/run.ts';
import type { TcpProfile } from '../../reference/connections/tcp-tables.ts';

/** Whose tables and numbers a target goes by: the paper's, or those that all kernels have in common. */
export function profileOfTarget({ profile }: RunTarget): TcpProfile {
  return profile === 'paper' ? 'paper' : 'linux';
}
