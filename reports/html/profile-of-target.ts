import type { RunTarget } from '../../conformance/harness/run.ts';
import type { TcpProfile } from '../../reference/connections/tcp-tables.ts';

/** Whose tables and numbers a target goes by: the reference names its profile as its version, all others are measured against Linux. */
export function profileOfTarget({ version }: RunTarget): TcpProfile {
  return version === 'profile paper' ? 'paper' : 'linux';
}
