import { parseAddress } from '../../../reference/wire/ip-address.ts';
import { writeIpv6 } from '../../../reference/wire/ipv6-address.ts';

/**
 * The few rtnetlink requests that set up a network namespace (RFC 3549; `linux/netlink.h`, `linux/rtnetlink.h`). Numbers are in host
 * order, which is little-endian on the one architecture that User Mode Linux is packaged for.
 */
const REQUEST_AND_ACKNOWLEDGE = 0x5;
const CREATE = 0x400;
/** Not where it is there already. */
const EXCLUSIVE = 0x200;

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_NEWROUTE = 24;
const RTM_NEWRULE = 32;

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_LINKINFO = 18;
const IFLA_NET_NS_PID = 19;
const IFLA_NET_NS_FD = 28;
const IFLA_NEW_IFINDEX = 49;

const IFLA_INFO_KIND = 1;

const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_CACHEINFO = 6;
/** Preferred for no time and valid for ever; when it was made does not matter. */
const DEPRECATED = Buffer.from('00000000ffffffff0000000000000000', 'hex');

const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;

const FRA_FWMARK = 10;

const AF_INET = 2;
const AF_INET6 = 10;
/** The address is not asked for before it is used (RFC 4862 §5.4 wants that of addresses nobody has chosen with care). */
const IFA_F_NODAD = 2;
const IFF_UP = 1;
const SCOPE_UNIVERSE = 0;
const SCOPE_LINK = 253;
const SCOPE_HOST = 254;
const TABLE_MAIN = 254;
const TABLE_LOCAL = 255;
/** The first of the tables for marks. */
const TABLE_OF_MARKS = 100;
const PROTOCOL_STATIC = 4;
const ROUTE_UNICAST = 1;
const ROUTE_LOCAL = 2;
const RULE_TO_TABLE = 1;

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const ip = (text: string): Buffer => {
  const address = parseAddress(text);
  const bytes = Buffer.alloc(typeof address === 'bigint' ? 16 : 4);
  if (typeof address === 'bigint') writeIpv6(new DataView(bytes.buffer, bytes.byteOffset, 16), 0, address);
  else bytes.writeUInt32BE(address);
  return bytes;
};
const isIpv6 = (text: string): boolean => text.includes(':');
const mac = (address: string): Buffer => Buffer.from(address.replaceAll(':', ''), 'hex');
const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'latin1');

const attribute = (type: number, value: Buffer): Buffer => {
  const bytes = Buffer.alloc((4 + value.length + 3) & ~3);
  bytes.writeUInt16LE(4 + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  value.copy(bytes, 4);
  return bytes;
};

const request = (type: number, flags: number, header: Buffer, attributes: readonly Buffer[]): Buffer => {
  const start = Buffer.alloc(16);
  const message = Buffer.concat([start, header, ...attributes]);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(flags, 6);
  return message;
};

export interface LinkChange {
  readonly name?: string;
  readonly mac?: string;
  readonly mtu?: number;
  readonly up?: boolean;
  /** The namespace the device moves to: that of a process, or of an open file of the agent. */
  readonly namespace?: { readonly pid: number } | { readonly file: number };
  /** Index in the new namespace. */
  readonly newIndex?: number;
}

/** Changes a network device, moving it first. */
export const changeLink = (index: number, change: LinkChange): Buffer => {
  const header = Buffer.alloc(16);
  header.writeInt32LE(index, 4);
  if (change.up !== undefined) {
    header.writeUInt32LE(change.up ? IFF_UP : 0, 8);
    header.writeUInt32LE(IFF_UP, 12);
  }
  const attributes: Buffer[] = [];
  if (change.namespace !== undefined) {
    attributes.push(
      'pid' in change.namespace
        ? attribute(IFLA_NET_NS_PID, u32(change.namespace.pid))
        : attribute(IFLA_NET_NS_FD, u32(change.namespace.file)),
    );
  }
  if (change.newIndex !== undefined) attributes.push(attribute(IFLA_NEW_IFINDEX, u32(change.newIndex)));
  if (change.name !== undefined) attributes.push(attribute(IFLA_IFNAME, text(change.name)));
  if (change.mac !== undefined) attributes.push(attribute(IFLA_ADDRESS, mac(change.mac)));
  if (change.mtu !== undefined) attributes.push(attribute(IFLA_MTU, u32(change.mtu)));
  return request(RTM_NEWLINK, REQUEST_AND_ACKNOWLEDGE, header, attributes);
};

/** Makes a device of a kind that needs no more than a name. */
export const createLink = (name: string, kind: string): Buffer =>
  request(RTM_NEWLINK, REQUEST_AND_ACKNOWLEDGE | CREATE | EXCLUSIVE, Buffer.alloc(16), [
    attribute(IFLA_IFNAME, text(name)),
    attribute(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, text(kind))),
  ]);

/** Asks for a device by name; {@link linkIndex} reads the answer. */
export const findLink = (name: string): Buffer =>
  request(RTM_GETLINK, 1, Buffer.alloc(16), [attribute(IFLA_IFNAME, text(name))]);

export const linkIndex = (answer: Buffer): number => answer.readInt32LE(20);

/** Adds `a.b.c.d/n` or `2001:db8::1/n` to a device. */
export const addAddress = (
  index: number,
  address: string,
  lifetime: 'preferred' | 'deprecated' = 'preferred',
): Buffer => {
  const [host = '', length = '32'] = address.split('/');
  const header = Buffer.alloc(8);
  header.writeUInt8(isIpv6(host) ? AF_INET6 : AF_INET, 0);
  header.writeUInt8(Number(length), 1);
  header.writeUInt8(isIpv6(host) ? IFA_F_NODAD : 0, 2);
  header.writeUInt8(SCOPE_UNIVERSE, 3);
  header.writeUInt32LE(index, 4);
  return request(RTM_NEWADDR, REQUEST_AND_ACKNOWLEDGE | CREATE, header, [
    attribute(IFA_LOCAL, ip(host)),
    attribute(IFA_ADDRESS, ip(host)),
    ...(lifetime === 'deprecated' ? [attribute(IFA_CACHEINFO, DEPRECATED)] : []),
  ]);
};

/** Adds a route to `a.b.c.d/n` or `2001:db8::/n` through a gateway or, with a device's index, on link. */
export const addRoute = (destination: string, next: { readonly via: string } | { readonly index: number }): Buffer => {
  const [network = '', length = '32'] = destination.split('/');
  const header = Buffer.alloc(12);
  header.writeUInt8(isIpv6(network) ? AF_INET6 : AF_INET, 0);
  header.writeUInt8(Number(length), 1);
  header.writeUInt8(TABLE_MAIN, 4);
  header.writeUInt8(PROTOCOL_STATIC, 5);
  header.writeUInt8('via' in next ? SCOPE_UNIVERSE : SCOPE_LINK, 6);
  header.writeUInt8(ROUTE_UNICAST, 7);
  const hop = 'via' in next ? attribute(RTA_GATEWAY, ip(next.via)) : attribute(RTA_OIF, u32(next.index));
  const attributes = Number(length) === 0 ? [hop] : [attribute(RTA_DST, ip(network)), hop];
  return request(RTM_NEWROUTE, REQUEST_AND_ACKNOWLEDGE | CREATE, header, attributes);
};

/** Has a prefix of IPv4 delivered to the host itself; with a mark, in the table of number `index` that {@link addMarkedTable} gives the mark. */
export const addLocalRoute = (destination: string, loopback: number, index?: number): Buffer => {
  const [network = '', length = '32'] = destination.split('/');
  const header = Buffer.alloc(12);
  header.writeUInt8(AF_INET, 0);
  header.writeUInt8(Number(length), 1);
  header.writeUInt8(index === undefined ? TABLE_LOCAL : TABLE_OF_MARKS + index, 4);
  header.writeUInt8(PROTOCOL_STATIC, 5);
  header.writeUInt8(SCOPE_HOST, 6);
  header.writeUInt8(ROUTE_LOCAL, 7);
  const device = attribute(RTA_OIF, u32(loopback));
  const attributes = Number(length) === 0 ? [device] : [attribute(RTA_DST, ip(network)), device];
  return request(RTM_NEWROUTE, REQUEST_AND_ACKNOWLEDGE | CREATE, header, attributes);
};

/** Has packets with a mark looked up in the table of number `index` before the main one. */
export const addMarkedTable = (mark: number, index: number): Buffer => {
  const header = Buffer.alloc(12);
  header.writeUInt8(AF_INET, 0);
  header.writeUInt8(TABLE_OF_MARKS + index, 4);
  header.writeUInt8(RULE_TO_TABLE, 7);
  return request(RTM_NEWRULE, REQUEST_AND_ACKNOWLEDGE | CREATE, header, [attribute(FRA_FWMARK, u32(mark))]);
};
