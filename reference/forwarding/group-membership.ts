import type { Clock, Task } from '../clock.ts';
import { internetChecksum } from '../wire/checksum.ts';
import { IPV4 } from '../wire/ipv4.ts';
import { PacketBuffer } from './packet-buffer.ts';
import { writeHeader } from './ip-header.ts';

/** A report of IGMP version 3 with one group (RFC 3376 §4.2). */
const REPORT = { type: 0, checksum: 2, groups: 6, record: 8, group: 12, length: 16 } as const;
const REPORT_TYPE = 0x22;
/** "From now on everybody's packets to the group", and "nobody's" (RFC 3376 §4.2.12). */
const CHANGE = { join: 4, leave: 3 } as const;
/** All routers that know IGMPv3 listen to it (RFC 3376 §4.2.14). */
const REPORTS_TO = 0xe0000016;
const IGMP = 2;
const TTL = 1;
/** Internetwork control (RFC 3376 §4). */
const TOS = 0xc0;
/** The router alert option (RFC 2113 §2.1). */
const ROUTER_ALERT = 0x94040000;
const OPTIONS_LENGTH = 4;

/** Milliseconds from a change to its first report (net/ipv4/igmp.c:igmp_ifc_event), and at most to the second (RFC 3376 §8.11). */
const FIRST_REPORT = 20;
const SECOND_REPORT = 1000;

export interface GroupMembershipOptions {
  readonly clock: Clock;
  /** The director's address on a port. */
  readonly source: (port: number) => number;
  readonly send: (port: number, group: number, packet: PacketBuffer) => void;
}

/** Tells the routers of a wire which groups the director listens to (RFC 3376): each change twice, as a report may be lost. */
export class GroupMembership {
  readonly #options: GroupMembershipOptions;
  /** Reports to come, by port and group. */
  readonly #pending = new Map<string, Task>();

  constructor(options: GroupMembershipOptions) {
    this.#options = options;
  }

  tell(port: number, group: number, change: keyof typeof CHANGE): void {
    const { clock, send } = this.#options;
    const key = `${port} ${group}`;
    const pending = this.#pending.get(key);
    if (pending !== undefined) clock.cancel(pending);
    const report = (): void => send(port, REPORTS_TO, this.#report(port, group, change));
    const first = clock.schedule(FIRST_REPORT, () => {
      report();
      // RFC 3376 §5.1 has the time to the second at random; whoever counts on it waits for the longest.
      const second = clock.schedule(SECOND_REPORT, () => {
        this.#pending.delete(key);
        report();
      });
      this.#pending.set(key, second);
    });
    this.#pending.set(key, first);
  }

  #report(port: number, group: number, change: keyof typeof CHANGE): PacketBuffer {
    const packet = new PacketBuffer(IPV4.headerLength + OPTIONS_LENGTH + REPORT.length);
    const { view, start } = packet;
    packet.end = start + IPV4.headerLength + OPTIONS_LENGTH + REPORT.length;
    const header = { protocol: IGMP, tos: TOS, ttl: TTL, id: 0, dontFragment: true };
    writeHeader(packet, { ...header, source: this.#options.source(port), destination: REPORTS_TO });
    view.setUint32(start + IPV4.headerLength, ROUTER_ALERT);
    view.setUint8(start + IPV4.versionAndLength, 0x40 | ((IPV4.headerLength + OPTIONS_LENGTH) / 4));
    view.setUint16(start + IPV4.checksum, 0);
    view.setUint16(start + IPV4.checksum, internetChecksum(view, start, IPV4.headerLength + OPTIONS_LENGTH));
    const report = packet.transport;
    view.setUint8(report + REPORT.type, REPORT_TYPE);
    view.setUint16(report + REPORT.groups, 1);
    view.setUint8(report + REPORT.record, CHANGE[change]);
    view.setUint32(report + REPORT.group, group);
    view.setUint16(report + REPORT.checksum, internetChecksum(view, report, REPORT.length));
    return packet;
  }
}
