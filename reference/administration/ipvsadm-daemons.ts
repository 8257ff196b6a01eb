import type { DaemonConfiguration } from '../synchronisation/sync-daemons.ts';
import { formatIpv4 } from '../wire/address.ts';

/** What `ipvsadm -L --daemon` prints (`ipvsadm.c:list_daemon`), to the byte. */
export function ipvsadmDaemons(daemons: readonly DaemonConfiguration[]): string {
  return daemons.map((daemon) => `${daemon.role} sync daemon (${settings(daemon).join(', ')})\n`).join('');
}

const settings = ({ interfaceName, syncId, maxLength, group, port, ttl }: DaemonConfiguration): readonly string[] => [
  `mcast=${interfaceName}`,
  `syncid=${syncId}`,
  `maxlen=${maxLength}`,
  `group=${formatIpv4(group)}`,
  `port=${port}`,
  `ttl=${ttl}`,
];
