import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestNetwork, type TestHost } from '../command/director/testing/test-network.ts';
import { InternalFault } from '../reference/errors.ts';
import { DIRECTOR_MAC, rules } from './frames.ts';
import { summary, type Measurement } from './measure.ts';

const SECONDS = 2;
const RUNS = 5;

export interface OnInterfaces {
  /** Frames a second. */
  readonly forwarded: Measurement;
  /** The peer, for the same frames. */
  readonly bridged: Measurement;
}

/** The director, VS/NAT, between two veth pairs. The peer is a bridge of the kernel in its place. */
export async function directorOnInterfaces(): Promise<OnInterfaces> {
  const network = new TestNetwork();
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const [traffic, forwarder] = [await network.host(), await network.host()];
    for (const [near, far] of [
      ['client', 'outside'],
      ['server', 'inside'],
    ] as const) {
      await traffic.run('ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', String(forwarder.pid));
      await traffic.run('ip', 'link', 'set', near, 'up');
      await forwarder.run('ip', 'link', 'set', far, 'up');
    }
    await forwarder.run('ip', 'link', 'add', 'bridge', 'up', 'type', 'bridge');
    for (const port of ['outside', 'inside']) await forwarder.run('ip', 'link', 'set', port, 'master', 'bridge');
    const bridged = await frameRates(traffic);
    await forwarder.run('ip', 'link', 'del', 'bridge');
    const director = await startDirector(forwarder, folder);
    const forwarded = await frameRates(traffic);
    director.child.kill('SIGKILL');
    return { forwarded, bridged };
  } finally {
    network.close();
    rmSync(folder, { recursive: true });
  }
}

async function startDirector(host: TestHost, folder: string) {
  const ports = [
    { name: 'outside', mac: DIRECTOR_MAC, addresses: ['10.1.0.1/16'] },
    { name: 'inside', mac: '02:00:00:00:00:03', addresses: ['10.0.0.1/24'] },
  ];
  const [rulesFile, environment] = [join(folder, 'rules.txt'), join(folder, 'environment.json')];
  writeFileSync(rulesFile, rules('nat').join('\n'));
  writeFileSync(environment, JSON.stringify({ ports }));
  const options = ['--rules', rulesFile, '--environment', environment];
  const interfaces = ports.flatMap(({ name }) => ['--interface', name]);
  const director = host.start(process.execPath, 'bin/lvs-conformance.js', 'director', ...options, ...interfaces);
  await director.says(/SIGTERM ends/);
  return director;
}

async function frameRates(host: TestHost): Promise<Measurement> {
  const script = ['--import', 'tsx', 'benchmarks/traffic-generator.ts'];
  const generator = host.start(process.execPath, ...script, 'client', 'server', String(SECONDS), String(RUNS));
  if ((await generator.ended()) !== 0) throw new InternalFault(`the traffic generator failed: ${generator.err}`);
  return summary(generator.out.trimEnd().split('\n').map(Number));
}
