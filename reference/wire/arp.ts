import { formatIpv4, formatMac, readMac, writeMac } from './address.ts';
import { ETHER_TYPE } from './ethernet.ts';
import { checkedField, checkedIpv4, checkedMac, parseCutShort, type FieldRanges } from './field.ts';
import type { ArpFields, LayerOf } from './layer.ts';

/**
 * ARP for IPv4 over Ethernet (RFC 826 "Packet format").
 *
 * ```
 *  0       2       4   5   6       8         14        18        24        28
 *  +-------+-------+---+---+-------+---------+---------+---------+---------+
 *  | hw 1  | 0800  | 6 | 4 |operat.|sender   |sender   |target   |target   |
 *  |       |       |   |   |       |MAC      |address  |MAC      |address  |
 *  +-------+-------+---+---+-------+---------+---------+---------+---------+
 * ```
 */
export const ARP = {
  hardware: 0,
  protocol: 2,
  hardwareLength: 4,
  protocolLength: 5,
  operation: 6,
  senderMac: 8,
  senderAddress: 14,
  targetMac: 18,
  targetAddress: 24,
  headerLength: 28,
} as const;

export const ARP_OPERATION = { request: 1, reply: 2 } as const;

export const ARP_FIELDS: FieldRanges<ArpFields> = {
  operation: { offset: ARP.operation, length: 2 },
  senderMac: { offset: ARP.senderMac, length: 6 },
  senderAddress: { offset: ARP.senderAddress, length: 4 },
  targetMac: { offset: ARP.targetMac, length: 6 },
  targetAddress: { offset: ARP.targetAddress, length: 4 },
};

const ETHERNET_HARDWARE = 1;

/** Whether `length` bytes at `start` are ARP for IPv4 over Ethernet as far as the operation. */
export function isIpv4Arp(view: DataView, start: number, length: number): boolean {
  return (
    length >= ARP.senderMac &&
    view.getUint16(start + ARP.hardware) === ETHERNET_HARDWARE &&
    view.getUint16(start + ARP.protocol) === ETHER_TYPE.ipv4 &&
    view.getUint8(start + ARP.hardwareLength) === 6 &&
    view.getUint8(start + ARP.protocolLength) === 4
  );
}

/** Fields of the header whose first `length` bytes are there. */
export function parseArp(view: DataView, start: number, length: number): LayerOf<'arp'> {
  if (length < ARP.headerLength) return parseCutShort(parseArp, ARP_FIELDS, view, start, length, ARP.headerLength);
  return {
    kind: 'arp',
    operation: view.getUint16(start + ARP.operation),
    senderMac: formatMac(readMac(view, start + ARP.senderMac)),
    senderAddress: formatIpv4(view.getUint32(start + ARP.senderAddress)),
    targetMac: formatMac(readMac(view, start + ARP.targetMac)),
    targetAddress: formatIpv4(view.getUint32(start + ARP.targetAddress)),
  };
}

/** Writes the 28 bytes at `start`. Left out: a request, all addresses zero. */
export function buildArp(view: DataView, start: number, fields: ArpFields): void {
  view.setUint16(start + ARP.hardware, ETHERNET_HARDWARE);
  view.setUint16(start + ARP.protocol, ETHER_TYPE.ipv4);
  view.setUint8(start + ARP.hardwareLength, 6);
  view.setUint8(start + ARP.protocolLength, 4);
  view.setUint16(
    start + ARP.operation,
    checkedField('arp.operation', fields.operation ?? ARP_OPERATION.request, 0xffff),
  );
  writeMac(view, start + ARP.senderMac, checkedMac('arp.senderMac', fields.senderMac));
  view.setUint32(start + ARP.senderAddress, checkedIpv4('arp.senderAddress', fields.senderAddress));
  writeMac(view, start + ARP.targetMac, checkedMac('arp.targetMac', fields.targetMac));
  view.setUint32(start + ARP.targetAddress, checkedIpv4('arp.targetAddress', fields.targetAddress));
}

/** `arp who-has 10.0.0.100 tell 10.0.0.2`, `arp reply 10.0.0.100 is-at 02:00:0a:00:00:64` */
export function describeArp(fields: ArpFields): string {
  const { operation, senderAddress = '?', senderMac = '?', targetAddress = '?' } = fields;
  if (operation === ARP_OPERATION.request) return `arp who-has ${targetAddress} tell ${senderAddress}`;
  if (operation === ARP_OPERATION.reply) return `arp reply ${senderAddress} is-at ${senderMac}`;
  return `arp operation ${operation ?? '?'} ${senderAddress} > ${targetAddress}`;
}
