import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { packetOf } from '../testing/packets.ts';
import { destinationOptions, fragment, hopByHop, ip6, payload, routing, tcp, udp, type Layer } from '../wire/layer.ts';
import { BROKEN, followHeaders } from './header-chain.ts';

const PORTS = { sourcePort: 1, destinationPort: 2 };
const chainOf = (...layers: readonly Layer[]) => {
  const { view, start, end } = packetOf(ip6(), ...layers);
  const { transport, protocol, fragmentHeader } = followHeaders(view, start, end);
  return { transport: transport - start, protocol, fragmentHeader: fragmentHeader < 0 ? -1 : fragmentHeader - start };
};

describe('the headers of an IPv6 packet (RFC 8200 §4; net/ipv6/exthdrs_core.c:ipv6_find_hdr)', () => {
  test('without extension headers the transport header stands at byte 40', () => {
    expect(chainOf(tcp(PORTS))).toEqual({ transport: 40, protocol: 6, fragmentHeader: -1 });
  });

  test('each extension header says how long it is, and what follows it', () => {
    const extensions = [hopByHop(), destinationOptions({ options: '01040000000001' }), routing({ routingType: 9 })];
    expect(chainOf(...extensions, udp(PORTS))).toEqual({ transport: 72, protocol: 17, fragmentHeader: -1 });
  });

  test('the fragment header of a first fragment is passed over', () => {
    expect(chainOf(fragment({ mf: true }), tcp(PORTS))).toEqual({ transport: 48, protocol: 6, fragmentHeader: 40 });
  });

  test('of a later fragment only the number of what comes first in the whole is known', () => {
    const later = fragment({ offset: 8, nextHeader: 17 });
    expect(chainOf(later, payload('data'))).toMatchObject({ protocol: 17, fragmentHeader: 40 });
    expect(chainOf(fragment({ offset: 8, nextHeader: 60 }), payload('data'))).toMatchObject({ protocol: BROKEN });
  });

  test('what breaks off within an extension header leads to no transport header', () => {
    expect(chainOf(destinationOptions({ headerLength: 16 }), payload(''))).toMatchObject({ protocol: BROKEN });
    expect(packetOf(ip6({ nextHeader: 43 }), payload('1')).protocol).toBe(BROKEN);
  });

  property.prop([fc.uint8Array({ maxLength: 200, size: 'max' }), fc.constantFrom(0, 6, 43, 44, 51, 59, 60)])(
    'any bytes have an end',
    (bytes, nextHeader) => {
      const packet = packetOf(ip6({ nextHeader }), payload(bytes));
      expect(packet.transport).toBeGreaterThanOrEqual(packet.start + 40);
      expect(packet.lacksHeaders).toBeTypeOf('boolean');
    },
  );
});
