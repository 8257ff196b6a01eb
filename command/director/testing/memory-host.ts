import { MalformedInput } from '../../../reference/errors.ts';
import type { FrameLink, Host, InterfaceFacts, LinkOptions, Unfinished } from '../host.ts';

/** A host in memory: its time passes when somebody waits, and only as far as the next thing that the test has planned. */
export class MemoryHost implements Host {
  readonly #interfaces: ReadonlyMap<string, InterfaceFacts>;
  readonly #addresses: ReadonlyMap<string, readonly string[]>;
  readonly links = new Map<string, MemoryLink>();
  readonly #plans: { readonly at: number; readonly action: () => void }[] = [];
  #now = 1000;
  #woken = false;
  isClosed = false;

  constructor(
    interfaces: Readonly<Record<string, InterfaceFacts>>,
    addresses: Readonly<Record<string, readonly string[]>> = {},
  ) {
    this.#interfaces = new Map(Object.entries(interfaces));
    this.#addresses = new Map(Object.entries(addresses));
  }

  /** Has `action` happen `milliseconds` from now. */
  plan(milliseconds: number, action: () => void): void {
    this.#plans.push({ at: this.#now + milliseconds, action });
    this.#plans.sort((a, b) => a.at - b.at);
  }

  link(name: string): MemoryLink {
    const link = this.links.get(name);
    if (link === undefined) throw new Error(`nobody has opened ${name}`);
    return link;
  }

  now(): number {
    return this.#now;
  }

  describe(name: string): InterfaceFacts {
    const facts = this.#interfaces.get(name);
    if (facts === undefined) throw new MalformedInput(`interface ${name}: there is none of this name`);
    return facts;
  }

  addresses(): ReadonlyMap<string, readonly string[]> {
    return this.#addresses;
  }

  open(name: string, options: LinkOptions): FrameLink {
    const link = new MemoryLink(name, options);
    this.links.set(name, link);
    return link;
  }

  wait(milliseconds: number): Promise<void> {
    const until = this.#now + Math.max(milliseconds, 0);
    const isReady = (): boolean => this.#woken || [...this.links.values()].some(({ arrived }) => arrived.length > 0);
    while (!isReady() && this.#now < until) {
      const next = this.#plans[0];
      if (next === undefined && until === Infinity) throw new Error('nothing will ever happen');
      this.#now = Math.min(next?.at ?? Infinity, until);
      if (next !== undefined && next.at <= this.#now) {
        this.#plans.shift();
        next.action();
      }
    }
    this.#woken = false;
    return Promise.resolve();
  }

  wake(): void {
    this.#woken = true;
  }

  close(): void {
    this.isClosed = true;
  }
}

export class MemoryLink implements FrameLink {
  readonly name: string;
  readonly options: LinkOptions;
  readonly arrived: { readonly frame: Uint8Array; readonly unfinished: Unfinished | undefined }[] = [];
  readonly sent: Uint8Array[] = [];
  readonly #batch: Uint8Array[] = [];
  #received = 0;

  constructor(name: string, options: LinkOptions) {
    this.name = name;
    this.options = options;
  }

  get counters() {
    return { received: this.#received, sent: this.sent.length, notReceived: 0, notSent: 0 };
  }

  arrive(frame: Uint8Array, unfinished?: Unfinished): void {
    this.arrived.push({ frame, unfinished });
  }

  receive(deliver: (frame: Uint8Array, unfinished: Unfinished | undefined) => void): number {
    const batch = this.arrived.splice(0, 64);
    for (const { frame, unfinished } of batch) deliver(frame, unfinished);
    this.#received += batch.length;
    return batch.length;
  }

  send(frame: Uint8Array): void {
    this.#batch.push(frame.slice());
  }

  flush(): void {
    this.sent.push(...this.#batch.splice(0));
  }
}
