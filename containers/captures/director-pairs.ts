import type { Capture } from '../../conformance/captures/capture.ts';
import { ICMP } from '../../reference/wire/icmp.ts';
import { FRAGMENT, IPV4 } from '../../reference/wire/ipv4.ts';
import { FRAGMENT_HEADER, FRAGMENT_WORD } from '../../reference/wire/ipv6-fragment.ts';
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
    return this.#takeBy(identityOf(packet), packet) ?? this.#takeFragmented(packet);
  }

  /** Its own marks tell it, or else it is the oldest with the same flags, and with data or without: numbers and data may have been rewritten. */
  takeAlike(packet: SidedPacket): SidedPacket | undefined {
    const likeness = likenessOf(packet);
    const alike = this.rest().filter((each) => likenessOf(each) === likeness);
    const found = alike.find((each) => hasMarksOf(each, packet)) ?? alike[0];
    return found && this.#takeBy(identityOf(found), found);
  }

  /** In the order of going in. */
  rest(): SidedPacket[] {
    return [...this.#packets.values()].flat().sort((one, other) => one.index - other.index);
  }

  /** Of those alike the one with the marks of this one, which a sender changes when it sends again; else the oldest. */
  #takeBy(identity: string, packet?: SidedPacket): SidedPacket | undefined {
    const alike = this.#packets.get(identity);
    if (alike === undefined) return undefined;
    const at = packet === undefined || alike.length === 1 ? 0 : alike.findIndex((each) => hasMarksOf(each, packet));
    const [taken] = alike.splice(Math.max(at, 0), 1);
    if (alike.length === 0) this.#packets.delete(identity);
    return taken;
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
function identityOf(packet: SidedPacket): string {
  const { view, transport, datagram, isError } = packet;
  if (transport?.kind === 'tcp' && !isError) {
    const { offset, length, end } = transport;
    const numbers = `${view.getUint32(offset + TCP.sequence)} ${view.getUint32(offset + TCP.acknowledgement)}`;
    return `${numbers} ${view.getUint8(offset + TCP.flags)} ${end - offset - length}`;
  }
  const at = dataOffset(packet);
  const start = transport?.kind === 'icmp' || transport?.kind === 'icmp6' ? transport.offset : at;
  const words = [fragmentWord(packet), datagram.end - at];
  if (start !== at) words.push(view.getUint16(start + ICMP.type), view.getUint32(start + ICMP.rest));
  // Of an error, what follows is the header that it quotes, whose addresses may be rewritten.
  const from = isError ? datagram.end : at;
  for (let byte = from; byte < Math.min(from + 8, datagram.end); byte += 1) words.push(view.getUint8(byte));
  return words.join(' ');
}

/** The IP id, and the first options of TCP: as all systems order them, the time stamps. */
function hasMarksOf(one: SidedPacket, other: SidedPacket): boolean {
  if (idOf(one) !== idOf(other)) return false;
  return one.transport?.kind !== 'tcp' || timeStamps(one).equals(timeStamps(other));
}

/** Two bytes of padding, kind and length, two times (RFC 7323 §3.2, appendix A). */
const TIME_STAMPS = 12;

function timeStamps({ frame: { bytes }, transport }: SidedPacket): Buffer {
  if (transport === undefined) return Buffer.alloc(0);
  const from = bytes.byteOffset + transport.offset + TCP.headerLength;
  return Buffer.from(bytes.buffer, from, Math.min(transport.length - TCP.headerLength, TIME_STAMPS));
}

function likenessOf({ view, transport, isError }: SidedPacket): string {
  if (transport?.kind !== 'tcp' || isError) return 'no segment';
  const { offset, length, end } = transport;
  const flags = view.getUint8(offset + TCP.flags) & (TCP_FLAG.syn | TCP_FLAG.ack | TCP_FLAG.fin | TCP_FLAG.rst);
  return `${flags} ${end - offset > length}`;
}

/** Behind all headers; of a later fragment, behind those of the fragment. */
function dataOffset({ headers, transport, datagram }: SidedPacket): number {
  const last = transport ?? headers.findLast(({ kind }) => kind === 'fragment') ?? datagram;
  return last.offset + last.length;
}

function idOf({ view, datagram }: SidedPacket): number | undefined {
  return datagram.kind === 'ip' ? view.getUint16(datagram.offset + IPV4.id) : undefined;
}

function isFragment(packet: SidedPacket): boolean {
  return fragmentWord(packet) !== 0;
}

/** The offset of a fragment, and whether more follow; 0 of a whole packet. */
function fragmentWord({ view, headers, datagram: { kind, offset } }: SidedPacket): number {
  if (kind === 'ip') return view.getUint16(offset + IPV4.fragment) & (FRAGMENT.mf | FRAGMENT.offsetMask);
  const header = headers.find((each) => each.kind === 'fragment' && each.length === FRAGMENT_HEADER.headerLength);
  if (header === undefined) return 0;
  return view.getUint16(header.offset + FRAGMENT_HEADER.fragment) & (FRAGMENT_WORD.offsetMask | FRAGMENT_WORD.mf);
}
