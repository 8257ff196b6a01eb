import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InternalFault, UnsupportedFeature } from '../../../reference/errors.ts';
import { FramePort } from './frame-port.ts';
import type { KernelInstallation } from './installation.ts';
import { KernelTarget } from './kernel-target.ts';
import { removeOwnFolder } from './own-folders.ts';
import { createRunFolder } from './run-folder.ts';
import { guestsOf, processesWith, remainingGuests } from './testing/processes.ts';
import { needsKernel, testKernel } from './testing/test-kernel.ts';
import { openSession } from './testing/test-wire.ts';

const HOLD_TARGET = fileURLToPath(new URL('testing/hold-target.ts', import.meta.url));

describe.skipIf('why' in testKernel)(needsKernel('no process of a guest is left, and no file'), () => {
  const startTarget = async (): Promise<KernelTarget> => {
    if ('why' in testKernel) throw new Error(testKernel.why);
    const target = new KernelTarget(testKernel.kernel, { guests: 2 });
    await target.start();
    return target;
  };

  test('after stop(), with a session open; what still waits fails at once; a second stop() does nothing', async () => {
    const target = await startTarget();
    const sessions = await Promise.all([openSession(target), openSession(target)]);
    const underWay = Promise.allSettled([
      openSession(target),
      ...sessions.map(({ session }) => {
        session.send(0, new Uint8Array(60));
        return session.settle();
      }),
    ]);
    expect(guestsOf(process.pid).length).toBeGreaterThanOrEqual(2);
    await target.stop();
    expect(guestsOf(process.pid)).toEqual([]);
    for (const result of await underWay) expect(result).toMatchObject({ reason: expect.any(InternalFault) as unknown });
    for (const { session } of sessions) await expect(session.connections?.()).rejects.toBeInstanceOf(InternalFault);
    await target.stop();
    await expect(openSession(target)).rejects.toThrow('are not started');
  });

  test('when stop() comes while it boots', async () => {
    if ('why' in testKernel) throw new Error(testKernel.why);
    const target = new KernelTarget(testKernel.kernel, { guests: 2 });
    const start = expect(target.start()).rejects.toThrow('were stopped');
    await expect.poll(() => guestsOf(process.pid).length).toBeGreaterThanOrEqual(2);
    await target.stop();
    await start;
    expect(guestsOf(process.pid)).toEqual([]);
  });

  test('when a guest dies in a session: the session fails, and the next one has a new guest', async () => {
    if ('why' in testKernel) throw new Error(testKernel.why);
    const target = new KernelTarget(testKernel.kernel, { guests: 1 });
    await target.start();
    try {
      const { session } = await openSession(target);
      for (const pid of guestsOf(process.pid)) process.kill(pid, 'SIGKILL');
      await expect(session.connections?.()).rejects.toThrow(/^The guest ended \(signal SIGKILL\): /);
      await expect(session.close()).rejects.toBeInstanceOf(InternalFault);
      const { session: next } = await openSession(target);
      await next.close();
    } finally {
      await target.stop();
    }
    expect(guestsOf(process.pid)).toEqual([]);
  });

  test.for([
    { manner: 'SIGINT', argument: 'wait', signal: 'SIGINT' },
    { manner: 'SIGTERM', argument: 'wait', signal: 'SIGTERM' },
    { manner: 'SIGKILL', argument: 'wait', signal: 'SIGKILL' },
    { manner: 'an exception that nobody catches', argument: 'throw', signal: null },
    { manner: 'process.exit()', argument: 'exit', signal: null },
  ] as const)('after our own process ended by $manner', async ({ argument, signal }) => {
    const child = spawn(process.execPath, ['--import', 'tsx', HOLD_TARGET, argument], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(child, 'exit');
    const { pid } = child;
    if (pid === undefined) throw new Error('no process');
    await Promise.race([once(child.stdout, 'data'), ended]);
    if (signal !== null) {
      expect(guestsOf(pid).length).toBeGreaterThanOrEqual(2);
      child.kill(signal);
    }
    await ended;
    expect(await remainingGuests(pid)).toEqual([]);
    // Nor a folder: where it could not remove them itself, the next process does.
    if (signal !== null) removeOwnFolder(createRunFolder());
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`lvs-kernel-${pid}-`))).toEqual([]);
  });
});

describe.skipIf('why' in testKernel)(needsKernel('a guest'), () => {
  test('that cannot start its agent is told with the reason of its panic', async () => {
    if ('why' in testKernel) throw new Error(testKernel.why);
    const target = new KernelTarget({ ...testKernel.kernel, perl: '/no/such/perl' }, { guests: 1 });
    const failure = target.start();
    await expect(failure).rejects.toBeInstanceOf(UnsupportedFeature);
    await expect(failure).rejects.toThrow(
      /did not boot: [^\n]*Kernel panic - not syncing: Requested init \/no\/such\/perl failed[^\n]*$/,
    );
  });

  test('whose UDP port is taken by another process while it boots is given another', async () => {
    if ('why' in testKernel) throw new Error(testKernel.why);
    const create = FramePort.create.bind(FramePort);
    const thief = createSocket('udp4');
    const creating = vi.spyOn(FramePort, 'create').mockImplementationOnce(async () => {
      const port = await create();
      const guestPort = Number(/srcport=(\d+)/.exec(port.deviceArgument('vec0', 1500))?.[1]);
      await new Promise<void>((resolve) => thief.bind(guestPort, '127.0.0.1', resolve));
      return port;
    });
    const target = new KernelTarget(testKernel.kernel, { guests: 1 });
    try {
      await target.start();
      const devices = creating.mock.calls.length / 2;
      expect(devices).toBe(4);
      const { session } = await openSession(target);
      await session.close();
    } finally {
      creating.mockRestore();
      await target.stop();
      thief.close();
    }
  });
});

describe('a kernel that does not boot', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'boot-test-'));
    writeFileSync(join(folder, 'modules.dep'), '');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const installation = (kernel: string): KernelInstallation => ({
    kernel,
    version: '6.1.0',
    modules: folder,
    ipvsadm: '/bin/false',
    perl: '/usr/bin/perl',
    libraries: [],
    compiler: null,
    packages: {},
  });
  const script = (text: string): string => {
    const path = join(folder, 'kernel');
    writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return path;
  };
  const startWith = (kernel: string, bootLimitMs = 5000): Promise<void> =>
    new KernelTarget(installation(kernel), { guests: 2, bootLimitMs }).start();

  test('because it ends at once is told in one line', async () => {
    const failure = startWith('/bin/false');
    await expect(failure).rejects.toBeInstanceOf(UnsupportedFeature);
    await expect(failure).rejects.toThrow(
      /^\/bin\/false did not boot: exit status 1; its last words: it said nothing$/,
    );
    expect(guestsOf(process.pid)).toEqual([]);
  });

  test('is told with its last words', async () => {
    const failure = startWith(script('echo "Kernel panic - not syncing: VFS" >&2; echo "  Call Trace:" >&2; exit 134'));
    await expect(failure).rejects.toThrow(
      /did not boot: exit status 134; its last words: Kernel panic - not syncing: VFS$/,
    );
  });

  test('because it is not there is told in one line', async () => {
    await expect(startWith(join(folder, 'nowhere'))).rejects.toThrow(/^.*nowhere did not boot: exit status 127.*$/);
  });

  test('because it hangs is given up in time, with the processes it started', async () => {
    const seconds = `1234.${process.pid}`;
    const begin = performance.now();
    await expect(startWith(script(`sleep ${seconds} & sleep ${seconds}`), 300)).rejects.toThrow(
      'no answer within 0.3 s',
    );
    expect(performance.now() - begin).toBeLessThan(3000);
    await expect.poll(() => processesWith(`sleep ${seconds}`)).toEqual([]);
  });
});
