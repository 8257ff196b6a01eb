import { isListenerReport } from '../../conformance/captures/listener-report.ts';
import { formatIpv4, readMac } from '../../reference/wire/address.ts';
import { ARP, ARP_OPERATION } from '../../reference/wire/arp.ts';
import { ETHERNET } from '../../reference/wire/ethernet.ts';
import { findHeaders } from '../../reference/wire/find-headers.ts';
import { ICMP6, ICMP6_TYPE } from '../../reference/wire/icmpv6.ts';
import { IPV6 } from '../../reference/wire/ipv6.ts';
import { formatIpv6, readIpv6 } from '../../reference/wire/ipv6-address.ts';
import { NEIGHBOUR } from '../../reference/wire/neighbour-discovery.ts';

/** What a merged capture says of the frames that it has not. */
export type LeftOut = 'flooded' | 'self-configuration' | 'asked of others';

/** The reasons, in words for readers. */
export const LEFT_OUT: Readonly<Record<LeftOut, string>> = {
  flooded: 'delivered by the switch to a machine whose MAC address they do not have',
  'self-configuration': 'of IPv6 hosts about themselves: router solicitations, listener reports, duplicate addresses',
  'asked of others': 'ARP and neighbour solicitations delivered to a machine for an address of another one',
};

export interface Place {
  readonly direction: 'in' | 'out';
  /** MAC address of the interface. */
  readonly mac: number;
  /** All addresses of its machine, without prefix lengths. */
  readonly own: ReadonlySet<string>;
  /** The same of all machines. Virtual addresses are nobody's: who answers for them is to be seen. */
  readonly everybodys: ReadonlySet<string>;
}

/** RFC 2710, RFC 4861: what a host does when its interface comes up. */
const SELF_CONFIGURATION: ReadonlySet<number> = new Set([
  ICMP6_TYPE.listenerQuery,
  ICMP6_TYPE.listenerReport,
  ICMP6_TYPE.listenerDone,
  ICMP6_TYPE.routerSolicitation,
]);
const UNSPECIFIED = 0n;

/** Why a frame seen at a place has nothing to do with what is tested there; null where it has. */
export function leftOut(bytes: Uint8Array, { direction, mac, own, everybodys }: Place): LeftOut | null {
  if (bytes.length < ETHERNET.headerLength) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const toMany = (view.getUint8(ETHERNET.destination) & 1) === 1;
  if (!toMany) return direction === 'in' && readMac(view, ETHERNET.destination) !== mac ? 'flooded' : null;
  if (isListenerReport(bytes)) return 'self-configuration';
  const headers = findHeaders(view, 'ethernet');
  const message = headers.find(({ kind }) => kind === 'icmp6');
  if (message !== undefined && message.length >= ICMP6.headerLength) {
    const source = readIpv6(view, ETHERNET.headerLength + IPV6.source);
    const type = view.getUint8(message.offset + ICMP6.type);
    if (SELF_CONFIGURATION.has(type)) return 'self-configuration';
    if (type === ICMP6_TYPE.neighbourSolicitation && source === UNSPECIFIED) return 'self-configuration';
  }
  const asked = direction === 'in' ? addressAsked(view, headers) : undefined;
  return asked !== undefined && everybodys.has(asked) && !own.has(asked) ? 'asked of others' : null;
}

/** The address whose MAC address is asked for; undefined where none is, also where somebody announces his own. */
function addressAsked(view: DataView, headers: ReturnType<typeof findHeaders>): string | undefined {
  for (const { kind, offset, length } of headers) {
    if (kind === 'arp' && length === ARP.headerLength) {
      const [sender, target] = [view.getUint32(offset + ARP.senderAddress), view.getUint32(offset + ARP.targetAddress)];
      const isRequest = view.getUint16(offset + ARP.operation) === ARP_OPERATION.request;
      return isRequest && sender !== target ? formatIpv4(target) : undefined;
    }
    if (kind === 'icmp6' && view.getUint8(offset + ICMP6.type) !== ICMP6_TYPE.neighbourSolicitation) return undefined;
    if (kind === 'neighbour') return formatIpv6(readIpv6(view, offset + NEIGHBOUR.target));
  }
  return undefined;
}
