import { expect, test } from 'vitest';
import { packetCounters } from './packet-counters.ts';

test('packets of each device, also where a number touches the name', () => {
  // As printed by Linux 6.1; the third line as older kernels print large numbers.
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
client:1234567890    4021    1    2    3     4          5         6    77     88    9    10    11     12       13          14
`;
  expect(packetCounters(text).get('lo')).toEqual({ received: 0, sent: 0 });
  expect(packetCounters(text).get('client')).toEqual({ received: 4021, sent: 88 });
});
