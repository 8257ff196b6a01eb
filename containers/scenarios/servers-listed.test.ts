import { describe, expect, test } from 'vitest';
import { serversListed } from './servers-listed.ts';

// As ipvsadm 1.31 printed it.
const HEAD = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
`;

describe('The servers of a listing', () => {
  test('are those below the service, with their weights', () => {
    const listing = `${HEAD}TCP  10.2.0.100:80 rr
  -> 10.3.0.11:80                 Masq    1      0          0         
  -> 10.3.0.12:80                 Masq    0      1          2         
`;
    expect(serversListed(listing)).toEqual([
      { address: '10.3.0.11', weight: 1 },
      { address: '10.3.0.12', weight: 0 },
    ]);
  });

  test('are without the brackets of IPv6', () => {
    const listing = `${HEAD}TCP  [fd00:2::100]:80 rr
  -> [fd00:3::11]:80              Route   5      0          0         
`;
    expect(serversListed(listing)).toEqual([{ address: 'fd00:3::11', weight: 5 }]);
  });

  test('are none where there is no service, or no server', () => {
    expect(serversListed(HEAD)).toEqual([]);
    expect(serversListed(`${HEAD}TCP  10.2.0.100:80 rr\n`)).toEqual([]);
  });
});
