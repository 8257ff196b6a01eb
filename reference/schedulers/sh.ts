import { foldAddress } from '../wire/fold-address.ts';
import { hash32 } from './hash-32.ts';
import {
  isUsable,
  SCHEDULER_FLAG,
  type SchedulableServer,
  type Scheduler,
  type SchedulerFlags,
  type SchedulingRequest,
} from './scheduler.ts';

/** 256 slots (kernel `CONFIG_IP_VS_SH_TAB_BITS`). */
const TABLE_BITS = 8;
const TABLE_SIZE = 1 << TABLE_BITS;

/**
 * Source hashing (kernel `ip_vs_sh.c`): each client address, or with `sh-port` each address and port, has a slot of 256,
 * and the servers lie in the slots in turn, each as often in a row as its weight says, one of weight 0 once. Where the
 * slot's server may take no connection nobody does; with `sh-fallback` other slots are looked at.
 *
 * - State: the server of each slot.
 * - Add, delete, edit: the slots are filled anew (`ip_vs_sh_reassign`).
 */
export class SourceHashing<Server extends SchedulableServer> implements Scheduler<Server> {
  #slots: readonly Server[] = [];
  #flags: SchedulerFlags;

  constructor(servers: readonly Server[], flags: SchedulerFlags) {
    this.#flags = flags;
    this.#fill(servers);
  }

  choose(_servers: readonly Server[], { clientAddress, clientPort }: SchedulingRequest): Server | undefined {
    const address = foldAddress(clientAddress);
    const key = (this.#flags & SCHEDULER_FLAG.port) === 0 ? address : address + clientPort;
    const slot = hash32(key, TABLE_BITS);
    const server = this.#usable(slot);
    if (server !== undefined || (this.#flags & SCHEDULER_FLAG.fallback) === 0) return server;
    // The slot counts twice, as where the search begins and as what is added to it (ip_vs_sh_get_fallback).
    for (let step = 0; step < TABLE_SIZE; step++) {
      const other = this.#usable((slot + step + slot) % TABLE_SIZE);
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
    const slots: Server[] = [];
    while (servers.length > 0 && slots.length < TABLE_SIZE) {
      for (const server of servers) {
        const room = TABLE_SIZE - slots.length;
        for (let turn = 0; turn < Math.min(Math.max(1, server.weight), room); turn++) slots.push(server);
      }
    }
    this.#slots = slots;
  }
}
