import type { Capture } from '../../conformance/captures/capture.ts';
import { ICMP } from '../../reference/wire/icmp.ts';
import { FRAGMENT, IPV4 } from '../../reference/wire/ipv4.ts';
import { PORT } from '../../reference/wire/port.ts';
import { TCP, TCP_FLAG } from '../../reference/wire/tcp.ts';
import type { Flow, Side, SidedPacket } from './flows.ts';
import { machineOf } from './path.ts';

/** The packets of a flow at the director. */
export interface DirectorPackets {
  /** What went in with what came out of it, in the order of coming out. A packet that came out in fragments has several. */
  readonly pairs: readonly (readonly [before: SidedPacket, after: SidedPacket])[];
  /** Came out without having gone in: the director's own. */
  readonly own: readonly SidedPacket[];
  /** Went in and never came out. */
  readonly kept: readonly SidedPacket[];
}

/** Matches what went into the director with what came out of it, by what no forwarding method changes. */
export function directorPackets(flow: Flow, capture: Capture): DirectorPackets {
  const pairs: [SidedPacket, SidedPacket][] = [];
  const own: SidedPacket[] = [];
  const waiting = { client: new Waiting(), server: new Waiting() };
  for (const packet of flow.packets) {
    if (machineOf(capture, packet.frame.interface) !== 'director') continue;
    const sides: Waiting = waiting[packet.side];
    if (packet.frame.direction === 'in') {
      sides.add(packet);
      continue;
    }
    const before = sides.take(packet) ?? (isFtpControl(flow) ? sides.takeAlike(packet) : undefined);
    if (before === undefined) own.push(packet);
    else pairs.push([before, packet]);
  }
  return { pairs, own, kept: (['client', 'server'] as const satisfies Side[]).flatMap((side) => waiting[side].rest()) };
}

export function isFtpControl({ protocol, virtual }: Flow): boolean {
  return protocol === 'tcp' && virtual.port === PORT.ftp;
}

/** Packets that went in and have not come out yet. */
class Waiting {
  /** By what stays the same, oldest first. */
  readonly #packets = new Map<string, SidedPacket[]>();
  /** The last one with each IP id, which may come out in fragments. */
  readonly #whole = new Map<number, SidedPacket>();

  add(packet: SidedPacket): void {
    const identity = identityOf(packet);
    const alike = this.#packets.get(identity);
    if (alike === undefined) this.#packets.set(identity, [packet]);
    else alike.push(packet);
    const id = idOf(packet);
    if (id !== undefined) this.#whole.set(id, packet);
  }

  take(packet: SidedPacket): SidedPacket | undefined {
    return this.#takeBy(identityOf(packet)) ?? this.#takeFragmented(packet);
  }

  /** The oldest with the same flags and with data as well, or without: its numbers and its data may have been rewritten. */
  takeAlike(packet: SidedPacket): SidedPacket | undefined {
    for (const [identity, [oldest]] of this.#packets) {
      if (oldest !== undefined && likenessOf(oldest) === likenessOf(packet)) return this.#takeBy(identity);
    }
    return undefined;
  }

  /** In the order of going in. */
  rest(): SidedPacket[] {
    return [...this.#packets.values()].flat().sort((one, other) => one.index - other.index);
  }

  #takeBy(identity: string): SidedPacket | undefined {
    const alike = this.#packets.get(identity);
    const oldest = alike?.shift();
    if (alike?.length === 0) this.#packets.delete(identity);
    return oldest;
  }

  #takeFragmented(fragment: SidedPacket): SidedPacket | undefined {
    if (!isFragment(fragment)) return undefined;
    const whole = this.#whole.get(idOf(fragment) ?? -1);
    if (whole === undefined || isFragment(whole)) return undefined;
    this.#takeBy(identityOf(whole));
    return whole;
  }
}

/** What no director changes: of TCP its numbers, flags and length, of all else the beginning of the data and its length. */
function identityOf({ view, transport, datagram, isError }: SidedPacket): string {
  if (transport?.kind === 'tcp' && !isError) {
    const { offset, length, end } = transport;
    const numbers = `${view.getUint32(offset + TCP.sequence)} ${view.getUint32(offset + TCP.acknowledgement)}`;
    return `${numbers} ${view.getUint8(offset + TCP.flags)} ${end - offset - length}`;
  }
  const at = transport === undefined ? datagram.offset + datagram.length : transport.offset + transport.length;
  const start = transport?.kind === 'icmp' || transport?.kind === 'icmp6' ? transport.offset : at;
  const words = [fragmentWord(view, datagram), datagram.end - at];
  if (start !== at) words.push(view.getUint16(start + ICMP.type), view.getUint32(start + ICMP.rest));
  // Of an error, what follows is the header that it quotes, whose addresses may be rewritten.
  const from = isError ? datagram.end : at;
  for (let byte = from; byte < Math.min(from + 8, datagram.end); byte += 1) words.push(view.getUint8(byte));
  return words.join(' ');
}

function likenessOf({ view, transport, isError }: SidedPacket): string {
  if (transport?.kind !== 'tcp' || isError) return 'no segment';
  const { offset, length, end } = transport;
  const flags = view.getUint8(offset + TCP.flags) & (TCP_FLAG.syn | TCP_FLAG.ack | TCP_FLAG.fin | TCP_FLAG.rst);
  return `${flags} ${end - offset > length}`;
}

function idOf({ view, datagram }: SidedPacket): number | undefined {
  return datagram.kind === 'ip' ? view.getUint16(datagram.offset + IPV4.id) : undefined;
}

function isFragment({ view, datagram }: SidedPacket): boolean {
  return (fragmentWord(view, datagram) & (FRAGMENT.mf | FRAGMENT.offsetMask)) !== 0;
}

function fragmentWord(view: DataView, { kind, offset }: SidedPacket['datagram']): number {
  return kind === 'ip' ? view.getUint16(offset + IPV4.fragment) & (FRAGMENT.mf | FRAGMENT.offsetMask) : 0;
}
