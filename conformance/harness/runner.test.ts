import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { serverSetup } from '../../generators/real-server/server-setup.ts';
import { linuxProfile } from '../../reference/linux-profile.ts';
import type { Profile } from '../../reference/profile.ts';
import { dissect } from '../../reference/wire/packet.ts';
import { readCapture } from '../captures/read-capture.ts';
import { cases as natRequest } from '../cases/nat/request.ts';
import { ModelServerTarget } from '../targets/reference/model-server-target.ts';
import type { Case } from './case.ts';
import { type Fault, FakeTarget } from './fake-target.ts';
import type { Level, Run } from './run.ts';
import { arp, ip, tcp } from './layers.ts';
import { type Progress, type SuiteOptions, runSuite } from './runner.ts';
import type { ServerCase } from './server-case.ts';

const request = caseOf({});

function caseOf(changes: Partial<Case>): Case {
  return {
    id: 'nat/request',
    title: 'A request reaches the server',
    requirement: 'A request reaches the server.',
    source: ['paper P11'],
    level: 'core',
    tags: ['nat'],
    needs: [],
    rules: '-A -t 10.0.0.100:80 -s rr\n-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m',
    async script({ client, servers: [server], vip }) {
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }));
      server.receives(ip({ destination: server.address, ttl: 63 }), tcp({ destinationPort: 8080 }));
    },
    ...changes,
  };
}

function run(target: FakeTarget, options: Partial<SuiteOptions> = {}): Promise<Run> {
  return runSuite({
    cases: [request],
    targets: [target],
    reference: () => new FakeTarget({ id: 'reference', features: [...target.features, 'kernel-choices'] }),
    tool: { version: '0', command: 'test' },
    caseLimitMs: 100,
    ...options,
  });
}

async function resultOf(fault: Fault, theCase = request) {
  const target = new FakeTarget({ fault, features: ['nat', 'tcp', 'scheduler.rr', 'kernel-choices'] });
  const { results } = await run(target, { cases: [theCase] });
  expect(results).toHaveLength(1);
  const [result] = results;
  if (result === undefined) throw new Error('no result');
  return { ...result, target };
}

describe('verdicts', () => {
  test('a director that does what is demanded passes, without a reason', async () => {
    expect(await resultOf('none')).toMatchObject({
      verdict: 'pass',
      reason: '',
      deviations: [],
      firstDifference: null,
    });
  });

  test.for<readonly [Fault, string]>([
    ['drops', 'server 1 should get ip destination 192.168.1.11, ttl 63 | tcp destinationPort 8080\nnothing came'],
    ['keeps the TTL', 'ip.ttl (byte 22): expected 63, observed 64'],
    ['wrong port', 'tcp.destinationPort (byte 36): expected 8080, observed 8081'],
    ['stale checksum', 'tcp.checksum (byte 50): expected 0x'],
    ['sends twice', 'nobody should get anything else\nserver 1 got 10.0.0.2:40001 > 192.168.1.11:8080 tcp S'],
    ['silent to ARP', 'client asked who has 10.0.0.100\nnobody answered'],
    ['refuses everything', ''],
    ['asks for ever', 'the director still asks after 32 rounds of answers'],
  ])("a director that '%s' fails, and the reason says at what", async ([fault, reason]) => {
    const result = await resultOf(fault);
    if (fault === 'refuses everything') expect(result).toMatchObject({ verdict: 'fail' });
    else expect(result).toMatchObject({ verdict: 'fail' });
    expect(result.reason).toContain(reason);
  });

  test.for<readonly [Fault, string]>([
    ['hangs in settle', 'no end after 0.1 s'],
    ['hangs in open', 'no end after 0.1 s'],
    ['throws in send', 'TypeError: cannot read what is not there'],
    ['loses a frame', 'a frame was lost'],
    ['does not start', 'fake did not start: no fuel'],
    ['accepts everything', "accepted '-A -t 10.0.0.100:80 -s nosuchscheduler'"],
  ])("a target that '%s' is an error of the harness, never a failure", async ([fault, reason]) => {
    const result = await resultOf(fault);
    expect(result).toMatchObject({ verdict: 'error' });
    expect(result.reason).toContain(reason);
  });

  test('a case that needs what the target lacks is unsupported, and the reason names it', async () => {
    const result = await resultOf('none', caseOf({ rules: '', needs: ['tunnel', 'clock'] }));
    expect(result).toMatchObject({ verdict: 'unsupported', reason: 'fake has no clock, tunnel', capture: null });
  });

  test('level ipvs needs a target that is judged by what the kernel does', async () => {
    const { results } = await run(new FakeTarget(), { cases: [caseOf({ level: 'ipvs' })] });
    expect(results).toMatchObject([{ verdict: 'unsupported', reason: 'fake has no kernel-choices' }]);
  });

  test('a documented deviation makes the verdict deviates, naming it', async () => {
    const ttl = { required: 64, deviates: 63, deviation: 'ttl-decremented' };
    const result = await resultOf(
      'none',
      caseOf({
        async script({ client, servers: [server], vip }) {
          await client.sends(ip({ destination: vip }), tcp({ destinationPort: 80, flags: 'S' }));
          server.receives(ip({ ttl }));
        },
      }),
    );
    expect(result).toMatchObject({ verdict: 'deviates', deviations: ['ttl-decremented'] });
    expect(result.reason).toContain('ttl-decremented: VS/TUN and VS/DR decrement the TTL');
  });

  test('a deviation that nobody documented is an error, even where the director does what is required', async () => {
    const script: Case['script'] = async ({ client }) => {
      await client.arps('10.0.0.100');
      client.receives(arp({ operation: { required: 2, deviates: 1, deviation: 'nobody-knows' } }));
    };
    expect(await resultOf('none', caseOf({ script }))).toMatchObject({
      verdict: 'error',
      reason: "deviation 'nobody-knows' is not documented: add it to DEVIATIONS in conformance/harness/deviations.ts",
    });
  });

  test('a case that uses what it did not announce is an error on every target', async () => {
    const script: Case['script'] = (lab) => lab.wait(60);
    expect(await resultOf('none', caseOf({ script }))).toMatchObject({
      verdict: 'error',
      reason: "the case must say that it needs 'clock'",
    });
  });

  test('a script that never ends is an error, though it never lets the event loop turn', async () => {
    const script: Case['script'] = async ({ client }) => {
      for (;;) await client.arps('10.0.0.100');
    };
    expect(await resultOf('none', caseOf({ script }))).toMatchObject({ verdict: 'error' });
  });

  test('a target that says it forwards in no way at all is found out', async () => {
    const { results } = await run(new FakeTarget({ features: [] }));
    expect(results[0]).toMatchObject({ verdict: 'error' });
    expect(results[0]?.reason).toContain('forwards in no way at all');
  });

  test('a target that says it has what its session has not is found out', async () => {
    const { results } = await run(new FakeTarget({ features: ['nat', 'clock'] }));
    expect(results).toMatchObject([
      { verdict: 'error', reason: "fake says it has 'clock', but its session has no advance()" },
    ]);
  });
});

describe('comparison with the reference', () => {
  const script: Case['script'] = async ({ client, servers: [server], vip }) => {
    await client.sends(ip({ destination: vip }), tcp({ destinationPort: 80, flags: 'S' }));
    server.receives(ip());
  };

  test.for<readonly [Level, string]>([
    ['core', 'pass'],
    ['ipvs', 'fail'],
  ])('at level %s a director that differs from the reference is judged: %s', async ([level, verdict]) => {
    const result = await resultOf('other window', caseOf({ level, script }));
    expect(result).toMatchObject({
      verdict,
      firstDifference: { layer: '2 tcp', field: 'window', offset: 48, expected: '8192', observed: '1' },
    });
    if (verdict === 'fail') expect(result.reason).toContain('other than the reference');
  });

  test('frame numbers of a difference count in the whole capture', async () => {
    // 0 ARP request, 1 ARP reply, 2 the SYN to the director, 3 the SYN from it
    expect((await resultOf('other window', caseOf({ script }))).firstDifference).toMatchObject({ left: 3, right: 3 });
  });

  test('a reference that failed the case itself does not count', async () => {
    const target = new FakeTarget({ features: ['nat', 'tcp', 'scheduler.rr', 'kernel-choices'] });
    const reference = new FakeTarget({ id: 'reference', fault: 'keeps the TTL', features: [...target.features] });
    const { results } = await run(target, { reference: () => reference, cases: [caseOf({ level: 'ipvs' })] });
    expect(results).toMatchObject([{ verdict: 'pass', firstDifference: { field: 'ttl' } }]);
  });

  test('the reference is run once and reported where it is among the targets', async () => {
    const reference = new FakeTarget({ id: 'reference' });
    const { results } = await run(new FakeTarget(), {
      reference: () => reference,
      targets: [reference, new FakeTarget()],
    });
    expect(results.map(({ target, verdict }) => `${target} ${verdict}`)).toEqual(['reference pass', 'fake pass']);
    expect(reference.openedSessions).toBe(2);
  });

  test('each target is compared with a reference that is held to the same choices', async () => {
    const older = linuxProfile('6.1.176');
    const newer = linuxProfile('6.12.113');
    const features = ['nat', 'tcp', 'scheduler.rr', 'kernel-choices'] as const;
    const asked: Profile[] = [];
    const targets = [
      new FakeTarget({ id: 'reference', profile: older, features }),
      new FakeTarget({ id: 'older', profile: older, features }),
      new FakeTarget({ id: 'newer', profile: newer, features }),
      new FakeTarget({ id: 'newer too', profile: newer, features }),
    ];
    const { results, targets: described } = await run(new FakeTarget(), {
      targets,
      cases: [caseOf({ level: 'ipvs', script })],
      reference: (profile) => {
        asked.push(profile);
        const fault = profile === newer ? 'other window' : 'none';
        return new FakeTarget({ id: 'reference', profile, features, fault });
      },
    });
    expect(asked).toEqual([older, newer]);
    expect(results.map(({ target, verdict }) => `${target} ${verdict}`)).toEqual([
      'reference pass',
      'older pass',
      'newer fail',
      'newer too fail',
    ]);
    expect(described.map(({ profile }) => profile)).toEqual([older.id, older.id, newer.id, newer.id]);
  });

  test('a case asks what its director is held to', async () => {
    const seen: string[] = [];
    const asking = caseOf({
      rules: '',
      script: (lab) => {
        seen.push(lab.profile.id);
        return Promise.resolve();
      },
    });
    await run(new FakeTarget({ profile: linuxProfile('7.2.7') }), { cases: [asking] });
    // The reference's run of the case, then the target's.
    expect(seen).toEqual(['linux-6.1', 'linux-7.2.7']);
  });
});

describe('a run', () => {
  test('every session is closed and every target stopped, whatever happened', async () => {
    for (const fault of [
      'none',
      'drops',
      'hangs in settle',
      'throws in send',
      'accepts everything',
    ] satisfies Fault[]) {
      const { target } = await resultOf(fault);
      expect({ fault, open: target.openSessions, running: target.isRunning }).toEqual({
        fault,
        open: 0,
        running: false,
      });
    }
  });

  test('results come in the order of targets and cases, progress as they are made', async () => {
    const cases = Array.from({ length: 9 }, (_, index) => caseOf({ id: `nat/request-${index}` }));
    const progress: string[] = [];
    const { results } = await run(new FakeTarget({ concurrency: 4 }), {
      cases,
      onProgress: ({ done, total }) => progress.push(`${done}/${total}`),
    });
    expect(results.map((result) => result.case)).toEqual(cases.map(({ id }) => id));
    expect(progress).toEqual(cases.map((_, index) => `${index + 1}/9`));
  });

  test('a target that hangs three times in a row is not asked again', async () => {
    const cases = Array.from({ length: 8 }, (_, index) => caseOf({ id: `nat/request-${index}` }));
    const target = new FakeTarget({ fault: 'hangs in settle', concurrency: 1 });
    const { results } = await run(target, { cases, caseLimitMs: 20 });
    expect(results.map(({ verdict }) => verdict)).toEqual(cases.map(() => 'error'));
    expect(results[7]?.reason).toBe('not run: fake came to no end in 3 cases one after the other');
    expect(target.openedSessions).toBe(1 + 3);
  });

  test('an aborted run rejects with the reason of the abort and stops its targets', async () => {
    const target = new FakeTarget({ fault: 'hangs in settle' });
    const controller = new AbortController();
    const running = run(target, { signal: controller.signal, caseLimitMs: 60_000 });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(running).rejects.toThrow('enough');
    expect({ open: target.openSessions, running: target.isRunning }).toEqual({ open: 0, running: false });
  });

  test('each case with frames leaves a capture that says what was expected', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lvs-conformance-'));
    try {
      const { results } = await run(new FakeTarget({ fault: 'keeps the TTL' }), {
        capturesFolder: join(folder, 'captures'),
      });
      expect(results[0]?.capture).toBe('captures/fake/nat/request.pcapng');
      const path = join(folder, 'captures/fake/nat/request.pcapng');
      expect(existsSync(path)).toBe(true);
      const { frames, comment, interfaces } = readCapture(path);
      expect(comment).toContain('verdict: fail');
      expect(interfaces.map(({ name }) => name)).toEqual(['client', 'server']);
      expect(frames.map(({ direction, bytes }) => `${direction ?? ''} ${dissect(bytes)[1]?.layer.kind ?? ''}`)).toEqual(
        ['in arp', 'out arp', 'in ip', 'out ip'],
      );
      expect(frames[3]?.comment).toBe(
        'expected: ip destination 192.168.1.11, ttl 63 | tcp destinationPort 8080 — ip.ttl (byte 22): expected 63, observed 64',
      );
      expect(frames.map(({ timeNs }) => timeNs)).toEqual([0n, 1000n, 2000n, 3000n]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('the example cases pass on a director that does NAT', async () => {
    const { results } = await run(new FakeTarget(), { cases: natRequest });
    expect(results.map(({ reason }) => reason)).toEqual(['', '']);
  });
});

describe('cases about real servers', () => {
  const asked: ServerCase = {
    id: 'real-server/silence',
    title: 'It is silent',
    requirement: 'It is silent.',
    source: ['paper P31'],
    level: 'core',
    tags: ['arp'],
    setup: serverSetup({ id: 'nothing', title: 'no service at all', methods: ['direct-route'] }),
    script: async (lab) => lab.equal('answer', (await lab.neighbour.arps(lab.vip)) ?? 'none', 'none'),
  };
  const cases = [request, asked];
  const verdicts = ({ results }: Run) => results.map((result) => `${result.case} ${result.target} ${result.verdict}`);

  test('are put to servers, those about directors to directors', async () => {
    const fake = new FakeTarget();
    expect(verdicts(await run(fake, { cases, targets: [fake, new ModelServerTarget()] }))).toEqual([
      'nat/request fake pass',
      'real-server/silence server-reference pass',
    ]);
  });

  test('are unsupported by directors where nobody else could be asked, and the other way round', async () => {
    const fake = new FakeTarget();
    const { results } = await run(fake, { cases: [asked] });
    expect(results).toMatchObject([
      { verdict: 'unsupported', reason: 'fake is a director, and this is asked of real servers' },
    ]);
    expect(verdicts(await run(fake, { cases, targets: [new ModelServerTarget()] }))).toEqual([
      'nat/request server-reference unsupported',
      'real-server/silence server-reference pass',
    ]);
  });

  test('count towards the progress only where they are put', async () => {
    const fake = new FakeTarget();
    const totals: string[] = [];
    const onProgress = ({ done, total }: Progress) => totals.push(`${done}/${total}`);
    await run(fake, { cases, targets: [fake, new ModelServerTarget()], onProgress });
    expect(totals).toEqual(['1/2', '2/2']);
  });

  test('fail with the reason and the capture of the one wire', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'runner-'));
    const capturesFolder = join(folder, 'captures');
    const answered = { ...asked, setup: { ...asked.setup, virtualAddressOn: 'lo' as const } };
    const { results } = await run(new FakeTarget(), {
      cases: [answered],
      targets: [new ModelServerTarget()],
      capturesFolder,
    });
    expect(results).toMatchObject([{ verdict: 'fail', reason: 'answer: expected none\nobserved 02:00:00:00:00:11' }]);
    const { interfaces, frames } = readCapture(join(folder, results[0]?.capture ?? ''));
    expect(interfaces.map(({ name }) => name)).toEqual(['eth0']);
    expect(frames.map(({ direction }) => direction)).toEqual(['in', 'out']);
    rmSync(folder, { recursive: true });
  });
});
