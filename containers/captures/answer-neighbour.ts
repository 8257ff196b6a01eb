import type { Capture } from '../../conformance/captures/capture.ts';
import { answerTo, resolutionMessage } from '../../conformance/harness/resolution-messages.ts';
import { buildPacket } from '../../reference/wire/packet.ts';
import { macOf } from '../topologies/mac-of.ts';
import type { Topology } from '../topologies/topology.ts';
import { machineOf } from './path.ts';

/**
 * Answers a director's questions for MAC addresses as the machines of a topology would: a director that was there before the recording asks
 * for nothing, one that is new asks for everybody. Those whom the recorded director asked in vain do not answer this one either.
 */
export class Neighbourhood {
  readonly #macs: ReadonlyMap<string, string>;

  constructor({ machines }: Topology, recorded: Capture) {
    const silent = silentAddresses(recorded);
    const others = machines.filter(({ role }) => role !== 'director').flatMap(({ interfaces }) => interfaces);
    this.#macs = new Map(
      others.flatMap((declaration) =>
        declaration.addresses.flatMap((prefix) => {
          const address = prefix.replace(/\/\d+$/, '');
          return silent.has(address) ? [] : [[address, macOf(declaration)] as const];
        }),
      ),
    );
  }

  /** The answer to a frame that the director sends, where it is a question that somebody answers. */
  answerTo(frame: Uint8Array): Uint8Array | undefined {
    const message = resolutionMessage(frame);
    if (message?.isQuestion !== true) return undefined;
    const mac = this.#macs.get(message.to ?? '');
    return mac === undefined ? undefined : buildPacket(answerTo(message, mac));
  }
}

/** Addresses that the director asked for, and that nobody ever told it of. */
function silentAddresses(recorded: Capture): Set<string> {
  const asked = new Set<string>();
  const told = new Set<string>();
  for (const { bytes, direction, interface: index } of recorded.frames) {
    if (machineOf(recorded, index) !== 'director') continue;
    const message = resolutionMessage(bytes);
    if (message === undefined) continue;
    if (direction === 'out' && message.isQuestion && message.to !== undefined) asked.add(message.to);
    if (direction === 'in' && message.from !== undefined) told.add(message.from.address);
  }
  return new Set([...asked].filter((address) => !told.has(address)));
}
