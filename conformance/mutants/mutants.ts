import type { Mutant } from './mutant.ts';

/** The faults that the suite must notice, by the part of the director that has them. */
export const mutants: readonly Mutant[] = [
  {
    id: 'ttl-kept',
    fault: 'a forwarded packet keeps its TTL',
    file: 'forwarding/ip-header.ts',
    text: '- 0x0100);',
    becomes: ');',
  },
  {
    id: 'ttl-one-forwarded',
    fault: 'a packet with TTL 1 is forwarded to the server',
    file: 'forwarding/forwarder.ts',
    text: 'packet.ttl <= 1',
    becomes: 'packet.ttl < 1',
  },
  {
    id: 'tcp-checksum-stale',
    fault: 'the TCP checksum is not adjusted for the new address',
    file: 'forwarding/nat.ts',
    text: 'adjust16(adjust32(checksum, oldAddress, address), oldPort, port));',
    becomes: 'adjust16(checksum, oldPort, port));',
  },
  {
    id: 'source-not-translated',
    fault: "a reply keeps the server's own address",
    file: 'ipvs.ts',
    text: "translate(packet, 'source', table.virtualAddress(connection), table.virtualPort(connection));",
    becomes: '',
  },
];
