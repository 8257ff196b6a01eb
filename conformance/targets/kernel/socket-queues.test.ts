import { expect, test } from 'vitest';
import { hasWaitingDatagrams } from './socket-queues.ts';

/** As Linux 6.1 shows the backup daemon's socket. */
const HEADER =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops             ';
const IDLE =
  '  912: 510000E0:2290 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 0 2 0000000066b7a200 0         ';

test.each([
  ['no socket', HEADER, false],
  ['a socket at rest', `${HEADER}\n${IDLE}\n`, false],
  [
    'one with a datagram',
    `${HEADER}\n${IDLE}\n${IDLE.replace('00000000:00000000 00', '00000000:00000300 00')}\n`,
    true,
  ],
] as const)('%s', (_, text, waits) => {
  expect(hasWaitingDatagrams(text)).toBe(waits);
});
