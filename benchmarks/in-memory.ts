import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ForwardingMethod } from '../reference/administration/command.ts';
import { Director } from '../reference/director.ts';
import { InternalFault } from '../reference/errors.ts';
import { PROFILES } from '../reference/profile.ts';
import { internetChecksum } from '../reference/wire/checksum.ts';
import { environment, Frames, rules, shuffled } from './frames.ts';
import { measure, processorSeconds, ratePerSecond, type Measurement } from './measure.ts';

const BATCH = 20_000;
const RUNS = 7;

export interface InMemory {
  /** Packets a second. */
  readonly forwarded: Measurement;
  /** The peer, over the same frames in the same order. */
  readonly copied: Measurement;
  /** New connections a second, until there are as many. */
  readonly created: number;
  readonly bytesPerConnection: number;
}

/**
 * Established connections in random order; under VS/NAT each request is followed by a reply. The peer does what no director can do without:
 * it copies each frame and sums its IP header.
 */
function directorInMemory(method: ForwardingMethod, connections: number, runs: number): InMemory {
  let sent = 0;
  const director = new Director({ environment, profile: PROFILES.linux, transmit: () => sent++ });
  for (const rule of rules(method)) director.administer(rule);
  const before = memory();
  const created = open(director, connections);
  const bytesPerConnection = (memory() - before) / connections;
  const requests = new Frames(connections, 'client', 'A');
  const replies = method === 'nat' ? new Frames(connections, 'server', 'A') : requests;
  const order = shuffled(connections);

  let next = 0;
  const overFrames = (use: (frame: Uint8Array) => void) => (): void => {
    for (let count = 0; count < BATCH; count += 2) {
      const connection = order[next] ?? 0;
      next = next + 1 === connections ? 0 : next + 1;
      use(requests.at(connection));
      use(replies.at(connection));
    }
  };
  const forward = overFrames((frame) => director.receive(0, frame));
  const room = new Uint8Array(2048);
  const view = new DataView(room.buffer);
  let sum = 0;
  const copy = overFrames((frame) => {
    room.set(frame, 64);
    sum ^= internetChecksum(view, 78, 20);
  });
  sent = 0;
  const forwarded = measure(runs, () => ratePerSecond(BATCH, forward));
  if (sent === 0 || sent % BATCH !== 0) throw new InternalFault('not every frame was forwarded: nothing was measured');
  const copied = measure(runs, () => ratePerSecond(BATCH, copy));
  if (sum !== 0) throw new InternalFault('a header has a wrong checksum: nothing was measured');
  return { forwarded, copied, created, bytesPerConnection };
}

/** Opens the connections. Returns how many a second. */
function open(director: Director, connections: number): number {
  const openings = new Frames(connections, 'client', 'S');
  const started = processorSeconds();
  for (let connection = 0; connection < connections; connection++) director.receive(0, openings.at(connection));
  return connections / (processorSeconds() - started);
}

/** Bytes in use, garbage aside. */
function memory(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const script = fileURLToPath(import.meta.url);

/** Measures in a process of its own: what one measurement leaves behind, in memory and in the compiler's guesses, changes the next. */
export function measureInMemory(method: ForwardingMethod, connections: number): InMemory {
  const parameters = [...process.execArgv, script, method, String(connections)];
  return JSON.parse(execFileSync(process.execPath, parameters, { encoding: 'utf8' })) as InMemory;
}

if (process.argv[1] === script) {
  const [, , method, connections] = process.argv;
  console.log(JSON.stringify(directorInMemory(method as ForwardingMethod, Number(connections), RUNS)));
}
