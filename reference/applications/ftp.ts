import type { Settings } from '../administration/settings.ts';
import { FLAG, METHOD, METHOD_MASK, NONE } from '../connections/connection-record.ts';
import type { ConnectionTracker } from '../connections/connection-tracker.ts';
import { TCP_STATE } from '../connections/tcp-states.ts';
import { tcpChecksumHolds } from '../forwarding/tcp-reset.ts';
import { isTranslatable } from '../forwarding/nat.ts';
import type { PacketBuffer } from '../forwarding/packet-buffer.ts';
import type { Profile } from '../profile.ts';
import { formatAddress } from '../wire/ip-address.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { PORT } from '../wire/port.ts';
import { TCP } from '../wire/tcp.ts';
import { activeCommand, passiveCommand, passiveReply, type Endpoint, type PassiveMode } from './ftp-syntax.ts';
import { SequenceAdjustment } from './sequence-adjustment.ts';
import { adjustNumbers, payloadText, replaceInPayload } from './tcp-payload.ts';

/** Where paper and kernels differ about FTP. */
type FtpProfile = Pick<Profile, 'largeFtpNumbers' | 'repeatedFtpReplies' | 'ipv6Checksums'>;

interface Control {
  /** Which answer of the server is awaited. */
  mode: PassiveMode | 'none';
  readonly client: SequenceAdjustment;
  readonly server: SequenceAdjustment;
}

/**
 * FTP under VS/NAT (ip_vs_ftp.c; paper P18): its control connection carries addresses and ports of data connections. The server's
 * become the virtual service's, and the director expects the data connection, for it comes from or goes to a port of no service.
 */
export class Ftp {
  readonly #tracker: ConnectionTracker;
  readonly #profile: FtpProfile;
  readonly #settings: Pick<Settings, 'get'>;
  readonly #controls = new Map<number, Control>();

  constructor(tracker: ConnectionTracker, profile: FtpProfile, settings: Pick<Settings, 'get'>) {
    this.#tracker = tracker;
    this.#profile = profile;
    this.#settings = settings;
    tracker.whenEnded((connection) => this.#controls.delete(connection));
  }

  /** Looks after a new connection if it is an FTP control connection under VS/NAT: its virtual port says so. */
  bind(connection: number): void {
    const { table } = this.#tracker;
    const nat = (table.flags(connection) & METHOD_MASK) === METHOD.nat;
    if (nat && table.protocol(connection) === PROTOCOL.tcp && table.virtualPort(connection) === PORT.ftp) {
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
    if (control === undefined || !this.#isSound(packet)) return false;
    if (this.#tracker.table.state(connection) === TCP_STATE.ESTABLISHED) this.#readCommand(connection, control, packet);
    adjustNumbers(packet, control.client, control.server);
    return true;
  }

  /** A segment from the server, not yet translated. Says no where it must be dropped. */
  fromServer(connection: number, packet: PacketBuffer): boolean {
    const control = this.#controls.get(connection);
    if (control === undefined || !this.#isSound(packet)) return false;
    const { view, transport } = packet;
    const sequence = view.getUint32(transport + TCP.sequence);
    if (this.#tracker.table.state(connection) === TCP_STATE.ESTABLISHED) {
      const difference = this.#rewriteReply(connection, control, packet);
      if (difference === undefined) return false;
      if (difference !== 0) control.server.resize(sequence, difference);
    }
    adjustNumbers(packet, control.server, control.client);
    return true;
  }

  #isSound(packet: PacketBuffer): boolean {
    if (packet.family === 6 && this.#isIpv6Mistaken) return false;
    return isTranslatable(packet) && tcpChecksumHolds(packet);
  }

  /** Older kernels take the sum that connection tracking made over the whole packet for that of the segment alone. */
  get #isIpv6Mistaken(): boolean {
    return this.#profile.ipv6Checksums === 'mistaken' && this.#settings.get('netfilter.nf_conntrack_checksum') !== 0;
  }

  /** What the client asks for decides which answer is translated (ip_vs_ftp_in). Its own address is right as it is. */
  #readCommand(connection: number, control: Control, packet: PacketBuffer): void {
    const text = payloadText(packet);
    const mode = passiveCommand(text, packet.family);
    if (mode !== undefined) {
      control.mode = mode;
      return;
    }
    const active = activeCommand(text, packet.family, this.#profile.largeFtpNumbers);
    if (active === undefined) return;
    control.mode = 'none';
    this.#expectFromServer(connection, active, packet.mark);
  }

  /**
   * The answer names the server's address and port: it gets the virtual ones (ip_vs_ftp_out). Returns by how many bytes it grew,
   * undefined where it cannot.
   */
  #rewriteReply(connection: number, control: Control, packet: PacketBuffer): number | undefined {
    const { mode } = control;
    if (mode === 'none') return 0;
    const { table } = this.#tracker;
    const named = passiveReply(payloadText(packet), mode, packet.family, this.#profile.largeFtpNumbers);
    if (named === undefined) return 0;
    const address = named.address ?? table.destinationAddress(connection);
    const data = this.#expectFromClient(connection, { address, port: named.port }, packet.mark);
    if (this.#profile.repeatedFtpReplies === 'as they are') control.mode = 'none';
    const port = table.virtualPort(data);
    const text =
      mode === 'passive'
        ? [...formatAddress(table.virtualAddress(data)).split('.'), port >> 8, port & 0xff].join(',')
        : `|||${port}|`;
    return replaceInPayload(packet, named.from, named.to, text);
  }

  /** The client will open the data connection, from a port that nobody knows yet. */
  #expectFromClient(control: number, server: Endpoint, mark: number): number {
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
    const data = this.#expect(control, { ...virtual, ...ends }, FLAG.noClientPort);
    table.setMark(data, mark);
    return data;
  }

  /** The server will open the data connection, from the port below its control port (RFC 959 §5.2). */
  #expectFromServer(control: number, client: Endpoint, mark: number): void {
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
    table.setMark(this.#expect(control, ends, 0), mark);
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
