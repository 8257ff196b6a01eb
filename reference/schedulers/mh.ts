import { foldAddress } from '../wire/fold-address.ts';
import {
  isUsable,
  SCHEDULER_FLAG,
  type SchedulableServer,
  type Scheduler,
  type SchedulerFlags,
  type SchedulingRequest,
} from './scheduler.ts';
import { greatestCommonDivisor } from './greatest-common-divisor.ts';
import { sipHash13, type SipKey } from './sip-hash.ts';

/** Slots: a prime (kernel `CONFIG_IP_VS_MH_TAB_INDEX` 12, `ip_vs_mh.c:primes`). */
const TABLE_SIZE = 4093;
/** Turns have at most this many bits: half of the table's index (`ip_vs_mh.c:ip_vs_mh_shift_weight`). */
const TURN_BITS = 6;

const keyOf = (word: number): SipKey => ({ first: { high: 0, low: word }, second: { high: 0, low: word } });

/** The same on every host, so that directors agree (`ip_vs_mh.c:generate_hash_secret`). */
export const MH_KEYS = { offset: keyOf(2654435761), skip: keyOf(2654446892) } as const;

/** A server's way through the slots. */
interface Claimant<Server> {
  readonly server: Server;
  /** Slots claimed in each round. */
  readonly turns: number;
  readonly skip: number;
  next: number;
}

/**
 * Maglev hashing (kernel `ip_vs_mh.c`; Eisenbud and others, "Maglev", NSDI 2016, §3.4): each client address, or with
 * `mh-port` each address and port, has a slot of 4093. Every server goes through the slots in an order of its own, and
 * in turn they claim the next free ones, as many as the weight says: so few slots change hands when a server leaves.
 * Where the slot's server may take no connection nobody does; with `mh-fallback` other slots are looked at.
 *
 * - State: the server of each slot.
 * - Add, delete, edit: the slots are claimed anew. A weight of 0 counts as the one before, so a server that is taken
 *   out of service for a while keeps its slots.
 */
export class MaglevHashing<Server extends SchedulableServer> implements Scheduler<Server> {
  #slots: readonly (Server | undefined)[] = [];
  #flags: SchedulerFlags;

  constructor(servers: readonly Server[], flags: SchedulerFlags) {
    this.#flags = flags;
    this.#fill(servers);
  }

  choose(_servers: readonly Server[], { clientAddress, clientPort }: SchedulingRequest): Server | undefined {
    const address = foldAddress(clientAddress);
    const key = (this.#flags & SCHEDULER_FLAG.port) === 0 ? address : address + clientPort;
    const slot = slotOf(key);
    const server = this.#usable(slot);
    if (server !== undefined || (this.#flags & SCHEDULER_FLAG.fallback) === 0) return server;
    for (let step = 0; step < TABLE_SIZE; step++) {
      const other = this.#usable(slotOf(((slot + step) % TABLE_SIZE) + key));
      if (other !== undefined) return other;
    }
    return undefined;
  }

  added(servers: readonly Server[]): void {
    this.#fill(servers);
  }

  removed(servers: readonly Server[]): void {
    this.#fill(servers);
  }

  edited(servers: readonly Server[]): void {
    this.#fill(servers);
  }

  flagged(flags: SchedulerFlags): void {
    this.#flags = flags;
  }

  #usable(slot: number): Server | undefined {
    const server = this.#slots[slot];
    return server !== undefined && isUsable(server) ? server : undefined;
  }

  #fill(servers: readonly Server[]): void {
    const claimants = claimantsOf(servers);
    if (claimants.length === 0) {
      this.#slots = [];
      return;
    }
    const slots = new Array<Server | undefined>(TABLE_SIZE).fill(undefined);
    let free = TABLE_SIZE;
    while (free > 0) {
      for (const claimant of claimants) {
        for (let turn = 0; turn < claimant.turns && free > 0; turn++, free--) {
          while (slots[claimant.next] !== undefined) claimant.next = (claimant.next + claimant.skip) % TABLE_SIZE;
          slots[claimant.next] = claimant.server;
        }
      }
    }
    this.#slots = slots;
  }
}

/** @param key may be beyond 32 bits and is cut */
function slotOf(key: number): number {
  return sipHash13(key >>> 0, MH_KEYS.offset) % TABLE_SIZE;
}

function claimantsOf<Server extends SchedulableServer>(servers: readonly Server[]): Claimant<Server>[] {
  const weighty = servers.filter(({ lastWeight }) => lastWeight > 0);
  const divisor = weighty.map(({ lastWeight }) => lastWeight).reduce(greatestCommonDivisor, 0);
  const greatest = Math.max(0, ...weighty.map(({ lastWeight }) => lastWeight / divisor));
  const shift = Math.max(0, 32 - Math.clz32(greatest) - TURN_BITS);
  return weighty.map((server) => {
    const key = (foldAddress(server.address) + server.port) >>> 0;
    return {
      server,
      turns: Math.max(1, (server.lastWeight / divisor) >> shift),
      next: sipHash13(key, MH_KEYS.offset) % TABLE_SIZE,
      skip: (sipHash13(key, MH_KEYS.skip) % (TABLE_SIZE - 1)) + 1,
    };
  });
}
