import { expect, test } from 'vitest';
import { connectionsCounted } from './connections-counted.ts';

/** As ipvsadm 1.31 of a 6.1 kernel prints it. */
const STATISTICS = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  10.2.0.100:8080                     9      100       80     9000    80000
  -> 10.3.0.11:8080                      5       60       40     5000    40000
  -> 10.3.0.12:8080                     14       40       40     4000    40000
TCP  [fd00:2::100]:80                    1        4        4      400      400
  -> [fd00:3::11]:80                     1        4        4      400      400
`;

test('the connections of services are counted, not those that a server had for a service of before', () => {
  expect(connectionsCounted(STATISTICS)).toBe(10);
  expect(connectionsCounted('')).toBe(0);
});
