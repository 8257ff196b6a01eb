import { InternalFault } from '../../reference/errors.ts';
import type { FrameSession, Session } from '../targets/target.ts';
import { ExpectationFailed } from './expectation-failed.ts';
import { describeFrame } from './describe-frame.ts';
import { Observations } from './observations.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { type FrameRecord, WireRecorder } from './wire-recorder.ts';

/** ARP needs two rounds, path MTU discovery and the like a few more; a director that still sends after this many is in a loop. */
const MAXIMUM_ROUNDS = 32;

/** MAC addresses of IPv4 multicast begin so (RFC 1112 §6.4). Hosts get what they have joined. */
const IPV4_GROUPS = '01:00:5e';

/** Nobody reads a failure's thousandth line. */
const MOST_TOLD = 10;

/** The wires of one case: carries frames between the hosts and the director, and records all of them. */
export class Network<S extends FrameSession = Session> {
  readonly recorder = new WireRecorder();
  readonly observations = new Observations(this.recorder);
  readonly deviations = new Set<string>();
  readonly #hosts: SimulatedHost[] = [];
  /** Frames of the director that a case has not asked about yet, address resolution left out. */
  readonly #unexpected = new Set<FrameRecord>();
  /** What hosts answer by themselves: sent after the director has come to rest, since it may not be entered while it sends. */
  #answers: { readonly port: number; readonly frame: Uint8Array }[] = [];
  #session: S | undefined;
  #replacement: S | undefined;
  #open: (() => Promise<S>) | undefined;
  #ended: string | undefined;
  readonly #deadline: number;

  /** @param deadline real time (`performance.now()`) after which the case is given up, so that an endless script ends. */
  constructor(deadline: number) {
    this.#deadline = deadline;
  }

  attach(host: SimulatedHost): void {
    this.#hosts.push(host);
  }

  get hosts(): readonly SimulatedHost[] {
    return this.#hosts;
  }

  /** @param open opens a session with another director on the same host */
  connect(session: S, open?: () => Promise<S>): void {
    this.#session = session;
    this.#open = open;
  }

  /** The director is gone, and another one in its place that knows nothing. */
  async replaceDirector(): Promise<void> {
    await this.session.close();
    this.#replacement = await this.#open?.();
    this.#session = this.#replacement;
    if (this.#ended !== undefined) await this.#replacement?.close();
  }

  /** The session of the director that is in the place of the first, where that one is gone. */
  get replacement(): S | undefined {
    return this.#replacement;
  }

  /** From now on every use fails with this reason: a script that outlives its case must not go on. */
  end(reason: string): void {
    this.#ended ??= reason;
  }

  get session(): S {
    if (this.#ended === undefined && performance.now() > this.#deadline) this.#ended = 'the case took too long';
    if (this.#ended !== undefined) throw new InternalFault(this.#ended);
    if (this.#session === undefined) throw new InternalFault('the lab was used before a session was open');
    return this.#session;
  }

  /** A frame from a host to the director. Nothing is delivered before {@link deliver}. */
  transmit(port: number, frame: Uint8Array): void {
    const session = this.session;
    this.recorder.record(port, 'in', frame);
    session.send(port, frame);
  }

  answer(port: number, frame: Uint8Array): void {
    this.#answers.push({ port, frame });
  }

  /** A frame from the director. */
  receive(port: number, frame: Uint8Array): void {
    const record = this.recorder.record(port, 'out', frame);
    if (!record.isOwnAffair) this.#unexpected.add(record);
    const destination = macText(frame);
    const isForAll = ((frame[0] ?? 0) & 1) === 1 && !destination.startsWith(IPV4_GROUPS);
    for (const host of this.#hosts) {
      if (host.port === port && (isForAll || host.takes(destination))) host.arrives(record);
    }
  }

  /** Waits until director and hosts have nothing more to say. */
  async deliver(): Promise<void> {
    for (let round = 0; round < MAXIMUM_ROUNDS; round++) {
      await this.session.settle();
      if (this.#answers.length === 0) return;
      const answers = this.#answers;
      this.#answers = [];
      for (const { port, frame } of answers) this.transmit(port, frame);
    }
    throw new ExpectationFailed([
      `the director still asks after ${MAXIMUM_ROUNDS} rounds of answers; its last frame:`,
      `  ${lastFrame(this.recorder.records)}`,
    ]);
  }

  async advance(seconds: number): Promise<void> {
    const session = this.session;
    this.recorder.advance(seconds);
    if (session.advance === undefined) await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    else await session.advance(seconds);
    await this.deliver();
  }

  /** The case has asked about this frame. */
  expected(record: FrameRecord): void {
    this.#unexpected.delete(record);
  }

  get unexpected(): readonly FrameRecord[] {
    return [...this.#unexpected];
  }

  /** A line for each frame, naming who got it; of many, the first. */
  describe(records: readonly FrameRecord[]): readonly string[] {
    const lines = records
      .slice(0, MOST_TOLD)
      .map((record) => `${this.#receiverOf(record)} got ${describeFrame(record.bytes)}`);
    return records.length > MOST_TOLD ? [...lines, `… and ${records.length - MOST_TOLD} more`] : lines;
  }

  #receiverOf(record: FrameRecord): string {
    const mac = macText(record.bytes);
    const host = this.#hosts.find((candidate) => candidate.port === record.port && candidate.mac === mac);
    return host?.name ?? `port ${record.port}, ${mac} (nobody)`;
  }
}

/** The frame's destination MAC address. */
function macText(frame: Uint8Array): string {
  let text = '';
  for (let at = 0; at < 6; at++) text += `${at === 0 ? '' : ':'}${(frame[at] ?? 0).toString(16).padStart(2, '0')}`;
  return text;
}

function lastFrame(records: readonly FrameRecord[]): string {
  const last = records.findLast((record) => record.direction === 'out');
  return last === undefined ? 'none' : describeFrame(last.bytes);
}
