import { describe, expect, test } from 'vitest';
import { PROFILES } from '../../../reference/profile.ts';
import type { Case } from '../../harness/case.ts';
import { suite } from '../../cases/index.ts';
import { runSuite } from '../../harness/runner.ts';
import { defaultEnvironment } from '../../harness/default-environment.ts';
import { ConfigurationRefused } from '../target.ts';
import { ReferenceTarget } from './reference-target.ts';

describe('the reference as a target', () => {
  test('needs nothing of its own to be trusted: it passes the probe and the cases', async () => {
    const reference = new ReferenceTarget({ profile: PROFILES.linux });
    const { results } = await runSuite({
      cases: suite,
      targets: [reference],
      reference: () => reference,
      tool: { version: '0', command: 'test' },
    });
    const bad = results.filter(({ verdict }) => verdict === 'fail' || verdict === 'error');
    expect(bad.map((result) => `${result.case}: ${result.reason}`)).toEqual([]);
    expect(results).toHaveLength(suite.length);
  });

  test('with profile paper it is not judged by what the kernel does', () => {
    expect(new ReferenceTarget({ profile: PROFILES.paper }).features.has('kernel-choices')).toBe(false);
    expect(new ReferenceTarget({ profile: PROFILES.linux }).features.has('kernel-choices')).toBe(true);
  });

  test.for(['-A -t 10.0.0.100:80 -s nosuchscheduler', 'nonsense', '-D -t 10.0.0.100:80'])(
    'a wrong command is refused: %s',
    async (command) => {
      const session = await new ReferenceTarget({ profile: PROFILES.linux }).open(defaultEnvironment, () => undefined);
      await expect(session.configure([command])).rejects.toBeInstanceOf(ConfigurationRefused);
    },
  );

  test('a half connection by tunnel and direct route keeps the TTL by the paper, and the kernel is known to take one', async () => {
    const cases: readonly Case[] = (['tunnel', 'direct-route'] as const).map((method) => ({
      id: `${method}/half-connection`,
      title: 'Requests are forwarded',
      requirement: 'Requests are forwarded.',
      source: ['paper P22, P29'],
      level: 'core',
      tags: [],
      needs: [],
      rules: `-A -t 10.0.0.100:80 -s rr\n-a -t 10.0.0.100:80 -r 192.168.1.12:80 ${method === 'tunnel' ? '-i' : '-g'}`,
      async script(lab) {
        const flow = lab.flow({ method, ttl: 'kept' });
        await flow.establish();
        await flow.clientSends('AP', { payload: 'GET / HTTP/1.0' });
        lab.equal('server', flow.server.name, 'server 2');
        await flow.clientSends('AF');
      },
    }));
    const verdicts = async (profile: keyof typeof PROFILES) => {
      const reference = new ReferenceTarget({ profile: PROFILES[profile] });
      const { results } = await runSuite({
        cases,
        targets: [reference],
        reference: () => reference,
        tool: { version: '0', command: 'test' },
      });
      return results.map(({ verdict, reason }) => (verdict === 'fail' || verdict === 'error' ? reason : verdict));
    };
    expect(await verdicts('paper')).toEqual(['pass', 'pass']);
    expect(await verdicts('linux')).toEqual(['deviates', 'deviates']);
  });
});
