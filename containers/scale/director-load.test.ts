import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { directorLoad, forwarded } from './director-load.ts';

const count = fc.record({ frames: fc.nat(100_000), bytes: fc.nat(100_000_000) });
const none = { frames: 0, bytes: 0 };
const what = { answerBytes: 1000, requests: 10, secondsPerFrame: null };

describe('what one request brings upon a director', () => {
  test('is under VS/NAT what came to the servers, and what the director sent beyond that to clients', () => {
    const counted = {
      director: { sent: { frames: 110, bytes: 20_000 }, received: { frames: 110, bytes: 20_000 } },
      servers: { sent: { frames: 50, bytes: 15_000 }, received: { frames: 60, bytes: 5_000 } },
    };
    expect(directorLoad({ ...what, method: 'nat' }, counted)).toEqual({
      ...what,
      method: 'nat',
      toServers: { frames: 6, bytes: 500 },
      toClients: { frames: 5, bytes: 1500 },
    });
  });

  test.prop([count, count])(
    'has nothing for clients where all that the director sent came to servers',
    (sent, answers) => {
      const counted = { director: { sent, received: sent }, servers: { sent: answers, received: sent } };
      expect(directorLoad({ ...what, method: 'tunnel' }, counted).toClients).toEqual(none);
    },
  );

  test.prop([count, count])(
    'is never less than nothing, though a router spoke to servers as well',
    (sent, received) => {
      const { toClients } = forwarded({ director: { sent, received: none }, servers: { sent: none, received } });
      expect(toClients.frames).toBeGreaterThanOrEqual(0);
      expect(toClients.bytes).toBeGreaterThanOrEqual(0);
    },
  );
});
