import { FLAG, METHOD, METHOD_MASK, NONE } from '../connections/connection-record.ts';
import type { ConnectionTracker } from '../connections/connection-tracker.ts';
import { TCP_STATE } from '../connections/tcp-states.ts';
import { tcpChecksumHolds } from '../forwarding/local-stack.ts';
import { isTranslatable } from '../forwarding/nat.ts';
import type { PacketBuffer } from '../forwarding/packet-buffer.ts';
import { formatIpv4 } from '../wire/address.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { TCP } from '../wire/tcp.ts';
import { SequenceAdjustment } from './sequence-adjustment.ts';
import { adjustNumbers, payloadText, replaceInPayload } from './tcp-payload.ts';

const FTP_PORT = 21;

/** `PASV` anywhere in what the client sent (RFC 959 §4.1.2). */
const PASV = /PASV\r\n/i;
/** `EPSV`, alone or asking for IPv4 (RFC 2428 §3); `EPSV ALL` announces, and is answered with no port. */
const EPSV = /EPSV(?: +1)?\r/i;
/** `PORT h1,h2,h3,h4,p1,p2` (RFC 959 §4.1.2). */
const PORT = /^PORT[^\d]*(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)[^\d]/i;
/** `EPRT |1|address|port|` (RFC 2428 §2). */
const EPRT = /^EPRT +([!-~])1\1([\d.]+)\1(\d+)\1/i;
/** `227 … (h1,h2,h3,h4,p1,p2)`; parentheses may be missing. */
const PASSIVE = /^227 [^\d(]*\(*((\d+),(\d+),(\d+),(\d+),(\d+),(\d+))[^\d]/d;
/** `229 … (|||port|)`; some servers name protocol and address too. */
const EXTENDED_PASSIVE = /^229 [^(]*\(+(([!-~])1?\2([\d.]*)\2(\d+)\2)/d;

interface Control {
  /** Which answer of the server is awaited. */
  mode: 'passive' | 'extended passive' | 'none';
  readonly client: SequenceAdjustment;
  readonly server: SequenceAdjustment;
}

interface Endpoint {
  readonly address: number;
  readonly port: number;
}

/**
 * FTP under VS/NAT (ip_vs_ftp.c; paper P18): its control connection carries addresses and ports of data connections. The server's
 * become the virtual service's, and the director expects the data connection, for it comes from or goes to a port of no service.
 */
export class Ftp {
  readonly #tracker: ConnectionTracker;
  readonly #controls = new Map<number, Control>();

  constructor(tracker: ConnectionTracker) {
    this.#tracker = tracker;
    tracker.whenEnded((connection) => this.#controls.delete(connection));
  }

  /** Looks after a new connection if it is an FTP control connection under VS/NAT: its virtual port says so. */
  bind(connection: number): void {
    const { table } = this.#tracker;
    const nat = (table.flags(connection) & METHOD_MASK) === METHOD.nat;
    if (nat && table.protocol(connection) === PROTOCOL.tcp && table.virtualPort(connection) === FTP_PORT) {
      this.#controls.set(connection, {
        mode: 'none',
        client: new SequenceAdjustment(),
        server: new SequenceAdjustment(),
      });
    }
  }

  isControl(connection: number): boolean {
    return this.#controls.has(connection);
  }

  /** A segment from the client, not yet translated. Says no where it must be dropped. */
  fromClient(connection: number, packet: PacketBuffer): boolean {
    const control = this.#controls.get(connection);
    if (control === undefined || !isTranslatable(packet) || !tcpChecksumHolds(packet)) return false;
    if (this.#tracker.table.state(connection) === TCP_STATE.ESTABLISHED) this.#readCommand(connection, control, packet);
    adjustNumbers(packet, control.client, control.server);
    return true;
  }

  /** A segment from the server, not yet translated. Says no where it must be dropped. */
  fromServer(connection: number, packet: PacketBuffer): boolean {
    const control = this.#controls.get(connection);
    if (control === undefined || !isTranslatable(packet) || !tcpChecksumHolds(packet)) return false;
    const { view, transport } = packet;
    const sequence = view.getUint32(transport + TCP.sequence);
    let difference = 0;
    if (this.#tracker.table.state(connection) === TCP_STATE.ESTABLISHED) {
      difference = this.#rewriteReply(connection, control, packet);
    }
    if (difference !== 0) control.server.resize(sequence, difference);
    adjustNumbers(packet, control.server, control.client);
    return true;
  }

  /** What the client asks for decides which answer is translated (ip_vs_ftp_in). Its own address is right as it is. */
  #readCommand(connection: number, control: Control, packet: PacketBuffer): void {
    const text = payloadText(packet);
    const passive = text.search(PASV);
    const extended = text.search(EPSV);
    if (passive !== -1 && (extended === -1 || passive < extended)) {
      control.mode = 'passive';
    } else if (extended !== -1) {
      control.mode = 'extended passive';
    } else {
      const port = PORT.exec(text);
      const eprt = EPRT.exec(text);
      const client = port === null ? undefined : endpointOfNumbers(port.slice(1));
      const active = client ?? (eprt === null ? undefined : endpointOfText(eprt[2], eprt[3]));
      if (active === undefined) return;
      control.mode = 'none';
      this.#expectFromServer(connection, active);
    }
  }

  /** The answer names the server's address and port: it gets the virtual ones (ip_vs_ftp_out). Returns by how much it grew. */
  #rewriteReply(connection: number, control: Control, packet: PacketBuffer): number {
    if (control.mode === 'none') return 0;
    const { table } = this.#tracker;
    const passive = control.mode === 'passive';
    const reply = (passive ? PASSIVE : EXTENDED_PASSIVE).exec(payloadText(packet));
    const place = reply?.indices?.[1];
    if (reply === null || place === undefined) return 0;
    const named = passive
      ? endpointOfNumbers(reply.slice(2))
      : endpointOfText(reply[3] === '' ? formatIpv4(table.destinationAddress(connection)) : reply[3], reply[4]);
    if (named === undefined) return 0;
    const data = this.#expectFromClient(connection, named);
    control.mode = 'none';
    const port = table.virtualPort(data);
    const text = passive
      ? [...formatIpv4(table.virtualAddress(data)).split('.'), port >> 8, port & 0xff].join(',')
      : `|||${port}|`;
    return replaceInPayload(packet, place[0], place[1], text);
  }

  /** The client will open the data connection, from a port that nobody knows yet. */
  #expectFromClient(control: number, server: Endpoint): number {
    const { table } = this.#tracker;
    const client = table.clientAddress(control);
    const known = table.findOut(PROTOCOL.tcp, server.address, server.port, client, 0);
    if (known !== NONE) return this.#listen(known);
    const virtual = { virtualAddress: table.virtualAddress(control), virtualPort: server.port };
    const ends = {
      clientAddress: client,
      clientPort: 0,
      destinationAddress: server.address,
      destinationPort: server.port,
    };
    return this.#expect(control, { ...virtual, ...ends }, FLAG.noClientPort);
  }

  /** The server will open the data connection, from the port below its control port (RFC 959 §5.2). */
  #expectFromServer(control: number, client: Endpoint): void {
    const { table } = this.#tracker;
    const virtualAddress = table.virtualAddress(control);
    const virtualPort = table.virtualPort(control) - 1;
    const known = table.findIn(PROTOCOL.tcp, client.address, client.port, virtualAddress, virtualPort);
    if (known !== NONE) {
      this.#listen(known);
      return;
    }
    const destination = {
      destinationAddress: table.destinationAddress(control),
      destinationPort: table.destinationPort(control) - 1,
    };
    const ends = {
      clientAddress: client.address,
      clientPort: client.port,
      virtualAddress,
      virtualPort,
      ...destination,
    };
    this.#expect(control, ends, 0);
  }

  #expect(control: number, ends: Omit<Parameters<ConnectionTracker['create']>[1], 'protocol'>, flags: number): number {
    const tracker = this.#tracker;
    const data = tracker.create(tracker.server(control), { protocol: PROTOCOL.tcp, ...ends }, flags);
    tracker.table.setControl(data, control);
    return this.#listen(data);
  }

  #listen(data: number): number {
    this.#tracker.listen(data);
    this.#tracker.rearm(data);
    return data;
  }
}

/** Four numbers of an address and two of a port. */
function endpointOfNumbers(texts: readonly string[]): Endpoint | undefined {
  const numbers = texts.map(Number);
  if (numbers.length !== 6 || numbers.some((number) => number > 255)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, high = 0, low = 0] = numbers;
  const port = high * 256 + low;
  return port === 0 ? undefined : { address: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, port };
}

function endpointOfText(address: string | undefined, port: string | undefined): Endpoint | undefined {
  const numbers = address?.split('.') ?? [];
  if (numbers.length !== 4 || numbers.some((number) => !/^\d{1,3}$/.test(number)) || Number(port) > 65535)
    return undefined;
  return endpointOfNumbers([...numbers, String(Number(port) >> 8), String(Number(port) & 0xff)]);
}
