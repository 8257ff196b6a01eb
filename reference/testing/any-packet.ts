import fc from 'fast-check';
import { formatIpv4, formatMac } from '../wire/address.ts';
import { toHex } from '../wire/hex.ts';
import { formatIpv6 } from '../wire/ipv6-address.ts';
import {
  arp,
  chunk,
  destinationOptions,
  ethernet,
  fragment,
  gre,
  gue,
  hopByHop,
  icmp,
  icmp6,
  ip,
  ip6,
  neighbour,
  routing,
  sctp,
  tcp,
  udp,
  type Layer,
} from '../wire/layer.ts';

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const mac = uint(48).map(formatMac);
const address = uint(32).map(formatIpv4);
/** Addresses as they are, some with runs of zeros. */
const address6 = fc
  .oneof(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), fc.bigInt({ min: 0n, max: 0xffff_ffffn }))
  .map(formatIpv6);
const hex = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength }).map(toHex);
/** Options that need no padding. */
const words = fc.uint8Array({ maxLength: 40 }).map((bytes) => toHex(bytes.subarray(0, bytes.length & ~3)));
const flags = fc.subarray(Array.from('CEUAPRSF')).map((letters) => letters.join(''));
/** Any of the fields may be left out. */
const some = { requiredKeys: [] };

const anyEthernet = fc.record({ destination: mac, source: mac }, some).map(ethernet);
const anyArp = fc
  .record(
    {
      operation: uint(16),
      senderMac: mac,
      senderAddress: address,
      targetMac: mac,
      targetAddress: address,
    },
    some,
  )
  .map(arp);
const anyTcp = fc
  .record(
    {
      sourcePort: uint(16),
      destinationPort: uint(16),
      sequence: uint(32),
      acknowledgement: uint(32),
      flags,
      window: uint(16),
      checksum: uint(16),
      urgent: uint(16),
      options: words,
    },
    some,
  )
  .map(tcp);
const anyUdp = fc
  .record(
    {
      sourcePort: uint(16),
      // Port 6080 would say that GUE follows.
      destinationPort: uint(16).filter((port) => port !== 6080),
      length: uint(16),
      checksum: uint(16),
    },
    some,
  )
  .map(udp);
const anySctp = fc
  .record({ sourcePort: uint(16), destinationPort: uint(16), verificationTag: uint(32), checksum: uint(32) }, some)
  .map(sctp);
/** Chunks that need no padding: it has no field, so that of one cut short there nobody could tell. */
const anyChunks = fc.array(fc.record({ type: uint(8), flags: uint(8), data: words }, some).map(chunk), {
  maxLength: 3,
});
const anyTunnel: fc.Arbitrary<Layer[]> = fc.oneof(
  fc.constantFrom(gre(), gre({ flags: 0x8000 }), gre({ checksum: 0xbad0 })).map((header) => [header]),
  fc.record({ flags: uint(16), options: words }, some).map((fields) => [udp({ destinationPort: 6080 }), gue(fields)]),
);
const ipFields = {
  tos: uint(8),
  id: uint(16),
  df: fc.boolean(),
  ttl: uint(8),
  checksum: uint(16),
  source: address,
  destination: address,
  options: words,
};
const anyIp = fc.record({ ...ipFields, mf: fc.boolean() }, some).map(ip);
const laterFragment = fc
  .record({ ...ipFields, mf: fc.boolean(), offset: fc.integer({ min: 1, max: 8191 }).map((units) => units * 8) })
  .map(ip);
const anyPayload = hex(1, 30).map((data): Layer => ({ kind: 'payload', data }));
const maybePayload = fc.array(anyPayload, { maxLength: 1 });
const icmpFields = { code: uint(8), checksum: uint(16), rest: uint(32) };
const anyQuery = fc.record({ type: fc.constantFrom(0, 8, 13, 42, 255), ...icmpFields }).map(icmp);
const anyError = fc.record({ type: fc.constantFrom(3, 4, 5, 11, 12), ...icmpFields }).map(icmp);

const anyIp6 = fc
  .record(
    { trafficClass: uint(8), flowLabel: uint(20), hopLimit: uint(8), source: address6, destination: address6 },
    some,
  )
  .map(ip6);
const octets = (fixed: number) => fc.nat(4).chain((units) => hex(8 * units + 8 - fixed, 8 * units + 8 - fixed));
const anyExtension = fc.oneof(
  fc.record({ options: octets(2) }).map(hopByHop),
  fc.record({ options: octets(2) }).map(destinationOptions),
  fc.record({ routingType: uint(8), segmentsLeft: uint(8), data: octets(4) }).map(routing),
  fc.record({ mf: fc.boolean(), id: uint(32) }, some).map(fragment),
);
const anyChain = fc.array(anyExtension, { maxLength: 3 });
const laterFragment6 = fc
  .record({ mf: fc.boolean(), id: uint(32), offset: fc.integer({ min: 1, max: 8191 }).map((units) => units * 8) })
  .map(fragment);
const anyQuery6 = fc.record({ type: fc.constantFrom(128, 129, 133, 143, 255), ...icmpFields }).map(icmp6);
const anyError6 = fc.record({ type: fc.constantFrom(1, 2, 3, 4, 100, 127), ...icmpFields }).map(icmp6);
const anyNeighbour = fc
  .tuple(
    fc.record({ type: fc.constantFrom(135, 136), ...icmpFields }).map(icmp6),
    fc.oneof(fc.record({ target: address6 }), fc.record({ target: address6, option: fc.constantFrom(1, 2), mac })),
  )
  .map(([header, fields]) => [header, neighbour(fields)]);

/** A datagram as layers whose lengths and protocol numbers are right, everything else any. */
export const anyDatagram = fc.letrec<{ datagram: Layer[]; ip: Layer[]; ip6: Layer[] }>((tie) => ({
  datagram: fc.oneof(tie('ip'), tie('ip6')),
  ip: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(laterFragment, anyPayload),
    fc.tuple(anyIp, anyPayload),
    fc
      .tuple(anyIp, fc.oneof(anyTcp, anyUdp, anyQuery), maybePayload)
      .map(([outer, header, data]) => [outer, header, ...data]),
    fc.tuple(anyIp, anySctp, anyChunks).map(([outer, header, chunks]) => [outer, header, ...chunks]),
    fc.tuple(anyIp, tie('datagram')).map(([outer, inner]) => [outer, ...inner]),
    fc.tuple(anyIp, anyTunnel, tie('datagram')).map(([outer, tunnel, inner]) => [outer, ...tunnel, ...inner]),
    fc.tuple(anyIp, anyError, tie('ip')).map(([outer, error, quote]) => [outer, error, ...quote]),
  ),
  ip6: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(anyIp6, anyChain, laterFragment6, anyPayload).map(([outer, chain, ...rest]) => [outer, ...chain, ...rest]),
    fc.tuple(anyIp6, anyChain, anyPayload).map(([outer, chain, data]) => [outer, ...chain, data]),
    fc
      .tuple(anyIp6, anyChain, fc.oneof(anyTcp, anyUdp, anyQuery6), maybePayload)
      .map(([outer, chain, header, data]) => [outer, ...chain, header, ...data]),
    fc
      .tuple(anyIp6, anyChain, anyNeighbour, maybePayload.filter(isNoOption))
      .map(([outer, chain, header, data]) => [outer, ...chain, ...header, ...data]),
    fc
      .tuple(anyIp6, anyChain, anySctp, anyChunks)
      .map(([outer, chain, header, chunks]) => [outer, ...chain, header, ...chunks]),
    fc.tuple(anyIp6, anyChain, tie('datagram')).map(([outer, chain, inner]) => [outer, ...chain, ...inner]),
    fc
      .tuple(anyIp6, anyChain, anyTunnel, tie('datagram'))
      .map(([outer, chain, tunnel, inner]) => [outer, ...chain, ...tunnel, ...inner]),
    fc
      .tuple(anyIp6, anyChain, anyError6, tie('ip6'))
      .map(([outer, chain, error, quote]) => [outer, ...chain, error, ...quote]),
  ),
})).datagram;

/** Whether data behind a target without option would not be taken for the option. */
function isNoOption([data]: readonly Layer[]): boolean {
  return !(data?.kind === 'payload' && /^0[12]/.test(data.data ?? ''));
}

/** A frame of any contents that have layers, lengths, types and protocol numbers right, everything else any. */
export const anyFrame: fc.Arbitrary<Layer[]> = fc.oneof(
  fc.tuple(anyEthernet, anyArp),
  fc.tuple(anyEthernet, anyPayload),
  fc.tuple(anyEthernet, anyDatagram).map(([frame, datagram]) => [frame, ...datagram]),
);
