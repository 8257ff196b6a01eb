import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { PAPER, serversCarried } from './servers-carried.ts';

const none = { frames: 0, bytes: 0 };
/** 1 MB in segments of 1,460 bytes, every second of which is acknowledged. */
const large = {
  answerBytes: 1_000_000,
  toServers: { frames: 350, bytes: 350 * 66 },
  toClients: { frames: 690, bytes: 1_037_000 },
};

describe('servers that a director carries', () => {
  test("are 22 with the project's own figures for VS/NAT: packets of 536 bytes, 60 µs each, 400 kB/s a server", () => {
    const packet = { answerBytes: 536, toServers: none, toClients: { frames: 1, bytes: 536 } };
    const { servers } = serversCarried(packet, { ...PAPER, linkBytesPerSecond: Infinity });
    // 8.93 MB a second.
    expect((servers * PAPER.serverBytesPerSecond) / 1e6).toBeCloseTo(8.93, 2);
    expect(Math.floor(servers)).toBe(22);
  });

  test('are those that the link still holds where the processor would do more', () => {
    // 12.5 MB/s for 1.037 MB a request; 0.4 requests a second and server.
    const { servers, limit } = serversCarried(large, PAPER);
    expect(servers).toBeCloseTo(30.1, 1);
    expect(limit).toBe('link');
  });

  test('are more than 100 where the answers go past the director (P28)', () => {
    // 350 frames of 60 µs are 47.6 requests a second.
    const { servers, limit } = serversCarried({ ...large, toClients: none }, PAPER);
    expect(servers).toBeCloseTo(119, 0);
    expect(limit).toBe('processor');
  });

  const count = fc.record({
    frames: fc.integer({ min: 1, max: 1000 }),
    bytes: fc.integer({ min: 60, max: 1_000_000 }),
  });
  const load = fc.record({ answerBytes: fc.integer({ min: 1, max: 1_000_000 }), toServers: count, toClients: count });

  test.prop([load])('never become fewer by what the director does not see', (one) => {
    const { servers } = serversCarried(one, PAPER);
    expect(serversCarried({ ...one, toClients: none }, PAPER).servers).toBeGreaterThanOrEqual(servers);
  });

  test.prop([load])('are half as many where each sends twice as much', (one) => {
    const twice = { ...PAPER, serverBytesPerSecond: 2 * PAPER.serverBytesPerSecond };
    expect(2 * serversCarried(one, twice).servers).toBeCloseTo(serversCarried(one, PAPER).servers);
  });
});
