/** Columns of `/proc/net/udp` (`net/ipv4/udp.c:udp4_format_sock`): number, local and remote address, state, then both queues in bytes. */
const QUEUES = /^\s*\d+: \S+ \S+ \S+ [0-9A-F]+:([0-9A-F]+) /;

/** Whether datagrams wait at one of the UDP sockets of `/proc/net/udp`. */
export function hasWaitingDatagrams(text: string): boolean {
  return text.split('\n').some((line) => Number.parseInt(QUEUES.exec(line)?.[1] ?? '0', 16) > 0);
}
