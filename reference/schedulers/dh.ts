import { foldAddress } from '../wire/fold-address.ts';
import { hash32 } from './hash-32.ts';
import { isUsable, type SchedulableServer, type Scheduler, type SchedulingRequest } from './scheduler.ts';

/** 256 slots (kernel `ip_vs_dh.c:IP_VS_DH_TAB_BITS`). */
const TABLE_BITS = 8;

/**
 * Destination hashing (kernel `ip_vs_dh.c`): each destination address has a slot of 256, and the servers lie in the
 * slots in turn, whatever their weight. Where the slot's server may take no connection nobody does. No state: slot i
 * is the list's server i modulo n, so additions and removals move the others, and edits move nobody.
 */
export class DestinationHashing<Server extends SchedulableServer> implements Scheduler<Server> {
  choose(servers: readonly Server[], { destinationAddress }: SchedulingRequest): Server | undefined {
    const server = servers[hash32(foldAddress(destinationAddress), TABLE_BITS) % servers.length];
    return server !== undefined && isUsable(server) ? server : undefined;
  }
}
