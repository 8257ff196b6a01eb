import type { MarkRule } from '../environment.ts';
import { MalformedInput } from '../errors.ts';
import { parsePrefix } from '../wire/address.ts';
import { isIpv6, type Address } from '../wire/ip-address.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import type { PacketBuffer } from './packet-buffer.ts';

interface Rule {
  readonly mark: number;
  readonly matches: readonly ((packet: PacketBuffer) => boolean)[];
}

const PROTOCOL_NUMBERS = { tcp: PROTOCOL.tcp, udp: PROTOCOL.udp } as const;

/** Marks arriving packets before they are routed, as a firewall's rules do (iptables: table mangle, chain PREROUTING). */
export class Marks {
  readonly #rules: readonly Rule[];

  /** @throws MalformedInput for a mark, prefix or port that is none */
  constructor(rules: readonly MarkRule[]) {
    // The last rule that fits has the last word.
    this.#rules = rules.map(compile).reverse();
  }

  /** 0: none. */
  markOf(packet: PacketBuffer): number {
    if (this.#rules.length === 0) return 0;
    return this.#rules.find(({ matches }) => matches.every((match) => match(packet)))?.mark ?? 0;
  }
}

function compile({ mark, protocol, source, destination, destinationPorts }: MarkRule): Rule {
  if (!Number.isInteger(mark) || mark < 1 || mark > 0xffff_ffff) {
    throw new MalformedInput(`mark ${mark}: give a whole number from 1 to 4294967295`);
  }
  const matches: Rule['matches'][number][] = [];
  if (protocol !== undefined) {
    const number = PROTOCOL_NUMBERS[protocol];
    matches.push((packet) => packet.protocol === number);
  }
  if (source !== undefined) {
    const inside = memberOf(source);
    matches.push((packet) => inside(packet.source));
  }
  if (destination !== undefined) {
    const inside = memberOf(destination);
    matches.push((packet) => inside(packet.destination));
  }
  if (destinationPorts !== undefined) {
    const [first, last] = destinationPorts;
    // The fragments after the first have no ports.
    matches.push(
      (packet) =>
        (packet.protocol === PROTOCOL.tcp || packet.protocol === PROTOCOL.udp) &&
        packet.fragmentOffset === 0 &&
        packet.transportLength >= 4 &&
        packet.destinationPort >= first &&
        packet.destinationPort <= last,
    );
  }
  return { mark, matches };
}

function memberOf(prefix: string): (address: Address) => boolean {
  const { address: network, mask } = parsePrefix(prefix);
  return (address) => !isIpv6(address) && ((address ^ network) & mask) === 0;
}
