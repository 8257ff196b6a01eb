import { expect, test } from 'vitest';
import { connectionsListed } from './connections-listed.ts';

/** As ipvsadm 1.31 of a 6.1 kernel printed it. */
const LISTING = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.2.0.100:8080 rr
  -> 10.3.0.11:8080               Masq    1      2          3
  -> 10.3.0.12:8080               Masq    1      0          4
TCP  [fd00:2::100]:80 rr
  -> [fd00:3::11]:80              Masq    1      1          0
`;

test('active and inactive connections of all services are counted', () => {
  expect(connectionsListed(LISTING)).toBe(10);
  expect(connectionsListed('')).toBe(0);
});
