import type { Readable, Writable } from 'node:stream';
import { InternalFault } from '../../../reference/errors.ts';
import { PIECE } from './agent-source.ts';

/** An operation of the guest's agent: its name, then its arguments. */
export type Operation = readonly [name: string, ...args: readonly (string | Uint8Array)[]];

/** An operation failed in the guest; the message is the guest's reason. */
export class OperationFailed extends Error {
  override readonly name = 'OperationFailed';
  /** Which operation of the request, from 0. */
  readonly index: number;

  constructor(message: string, index: number) {
    super(message);
    this.index = index;
  }
}

interface Waiting {
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** The slowest operation, a program, takes some 30 ms. */
const ANSWER_LIMIT_MS = 10_000;

const lengthPrefixed = (item: string | Uint8Array): Uint8Array[] => {
  const bytes = typeof item === 'string' ? Buffer.from(item, 'latin1') : item;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
};
const list = (items: readonly (string | Uint8Array)[]): Buffer => Buffer.concat(items.flatMap(lengthPrefixed));

const unlist = (bytes: Buffer): Buffer[] => {
  const items: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    items.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return items;
};

/** The conversation with the guest's agent over the guest's serial line (agent-source.ts says how they talk). Requests are answered in order. */
export class Agent {
  readonly #input: Writable;
  readonly #waiting: Waiting[] = [];
  #received: Buffer = Buffer.alloc(0);
  #fault: InternalFault | null = null;
  /** Settled when the request before has its answer: one at a time. */
  #turn: Promise<unknown>;
  readonly ready: Promise<void>;

  constructor(input: Writable, output: Readable) {
    this.#input = input;
    this.ready = this.#answer().then(() => undefined);
    // Whoever waits for it hears of it; nobody has to wait.
    this.#turn = this.ready.catch(() => undefined);
    input.on('error', (error) => this.fail(new InternalFault(`The guest's console broke: ${error.message}`)));
    output.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /**
   * Performs operations in order and resolves with their answers.
   * @throws {OperationFailed} with the first that failed, the ones after it were not tried; InternalFault when there is no answer
   */
  async perform(...operations: readonly Operation[]): Promise<Buffer[]> {
    const answer = this.#turn.then(() => this.#request(list(operations.map(list))));
    this.#turn = answer.catch(() => undefined);
    const [problem, ...answers] = unlist(await answer);
    if (problem === undefined) throw new InternalFault("The guest's agent sent an empty answer");
    if (problem.length > 0) throw new OperationFailed(problem.toString('latin1').trim(), answers.length);
    return answers;
  }

  /** The guest is gone: everything that waits, and whatever is asked from now on, fails. */
  fail(fault: InternalFault): void {
    this.#fault ??= fault;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#fault);
  }

  async #request(request: Buffer): Promise<Buffer> {
    if (this.#fault !== null) throw this.#fault;
    const timer = setTimeout(
      () => this.fail(new InternalFault(`The guest did not answer within ${ANSWER_LIMIT_MS / 1000} s`)),
      ANSWER_LIMIT_MS,
    );
    try {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(request.length);
      this.#input.write(length);
      let answer: Promise<Buffer>;
      let sent = 0;
      do {
        answer = this.#answer();
        this.#input.write(request.subarray(sent, sent + PIECE));
        sent += PIECE;
        await answer;
      } while (sent < request.length);
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  #answer(): Promise<Buffer> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readUInt32BE(0);
      if (this.#received.length < end) return;
      this.#waiting.shift()?.resolve(this.#received.subarray(4, end));
      this.#received = this.#received.subarray(end);
    }
  }
}
