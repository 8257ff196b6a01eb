import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RIGHT_SETUPS } from '../../../generators/real-server/right-setups.ts';
import { serverSetup, type ServerSetup } from '../../../generators/real-server/server-setup.ts';
import { WRONG_SETUPS } from '../../../generators/real-server/wrong-setups.ts';
import { casesFor } from '../../cases/real-server/index.ts';
import { runCase } from '../../harness/run-case.ts';
import { ServerKernelTarget } from './server-kernel-target.ts';
import { needsKernel, testKernel } from './testing/test-kernel.ts';

const LIMITS = { limitMs: 10_000 };

describe.skipIf('why' in testKernel)(needsKernel('a kernel as a real server'), () => {
  if ('why' in testKernel) return;
  const target = new ServerKernelTarget(testKernel.kernel);
  beforeAll(() => target.start());
  afterAll(() => target.stop());

  /** Verdict and reason of one case of a set-up, by the end of its id. */
  async function outcomeOf(setup: ServerSetup, name: string) {
    const theCase = casesFor(setup).find(({ id }) => id === `real-server/${setup.id}-${name}`);
    if (theCase === undefined) throw new Error(`${setup.id} is not asked for ${name}`);
    return runCase(theCase, target, LIMITS);
  }

  // The model is held to the same by cases/real-server/real-server.test.ts: what is wrong there is wrong here.
  it.each(WRONG_SETUPS.flatMap(({ setup, fails }) => fails.map((name) => ({ setup, name, id: setup.id }))))(
    'with the wrong set-up $id fails $name',
    async ({ setup, name }) => {
      expect(await outcomeOf(setup, name)).toMatchObject({ verdict: 'fail' });
    },
  );

  it('serves after a wrong set-up as if there had been none', async () => {
    const right = RIGHT_SETUPS.find(({ id }) => id === 'loopback-alias');
    const wrong = WRONG_SETUPS.filter(({ setup }) => setup.methods.includes('direct-route')).slice(0, 3);
    for (const { setup } of wrong) await outcomeOf(setup, 'arp-unannounced');
    expect(await outcomeOf(right ?? serverSetup({ id: '', title: '' }), 'direct-route-request')).toMatchObject({
      verdict: 'pass',
    });
  });

  it('lets time pass, and says nothing that nobody asked for', async () => {
    const frames: Uint8Array[] = [];
    const setup = serverSetup({ id: 'plain', title: 'plain', virtualAddressOn: 'lo' });
    const session = await target.openServer(setup, (_port, frame) => frames.push(frame));
    await session.advance?.(5);
    await session.close();
    expect(frames).toEqual([]);
    expect(session.advance === undefined).toBe(!target.features.has('clock'));
  });
});
