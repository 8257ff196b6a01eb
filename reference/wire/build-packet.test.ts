import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { buildPacket } from './build-packet.ts';
import { checksumErrors } from './checksum-errors.ts';
import { toHex } from './hex.ts';
import {
  arp,
  ethernet,
  fragment,
  hopByHop,
  icmp,
  icmp6,
  ip,
  ip6,
  neighbour,
  payload,
  routing,
  destinationOptions,
  tcp,
  udp,
  type Layer,
} from './layer.ts';

const hexOf = (...layers: readonly Layer[]) => toHex(buildPacket(layers));

describe('a built packet', () => {
  it('is the first frame of the capture `http.cap` of the Wireshark wiki', () => {
    expect(
      hexOf(
        ethernet({ destination: 'fe:ff:20:00:01:00', source: '00:00:01:00:00:00' }),
        ip({ id: 0x0f41, ttl: 128, source: '145.254.160.237', destination: '65.208.228.223' }),
        tcp({
          sourcePort: 3372,
          destinationPort: 80,
          sequence: 0x38affe13,
          flags: 'S',
          window: 8760,
          options: '020405b401010402',
        }),
      ),
    ).toBe(
      'feff20000100' +
        '000001000000' +
        '0800' +
        '450000300f414000800691eb91fea0ed41d0e4df' +
        '0d2c005038affe130000000070022238c30c0000020405b401010402',
    );
  });

  it('is the port unreachable with its quote that Linux 6.18 sent', () => {
    expect(
      hexOf(
        ip({ tos: 0xc0, id: 0x9208, df: false, source: '127.0.0.3', destination: '127.0.0.2' }),
        icmp({ type: 3, code: 3 }),
        ip({ id: 0xcaf7, source: '127.0.0.2', destination: '127.0.0.3' }),
        udp({ sourcePort: 40123, destinationPort: 40999 }),
        payload('hello'),
      ),
    ).toBe(
      '45c0003d920800004001e9f27f0000037f000002' +
        '0303fb2000000000' +
        '45000021caf74000401171cf7f0000027f000003' +
        '9cbba027000d811968656c6c6f',
    );
  });

  it('in IPIP has protocol 4, and the inner addresses in the TCP checksum', () => {
    const inner = [ip({ source: '10.0.0.2', destination: '10.0.0.100' }), tcp({ flags: 'S' }), payload('x')];
    const hex = hexOf(ip({ source: '192.168.1.1', destination: '192.168.1.11' }), ...inner);
    expect(hex.slice(18, 20)).toBe('04');
    expect(hex.slice(4, 8)).toBe('003d');
    expect(hex.slice(40)).toBe(hexOf(...inner));
  });

  it('is the solicitation that Linux 6.18 sent', () => {
    expect(
      hexOf(
        ethernet({ destination: '33:33:ff:00:00:01', source: '02:00:00:00:00:c2' }),
        ip6({ hopLimit: 255, source: '2001:db8:0:1::2', destination: 'ff02::1:ff00:1' }),
        icmp6({ type: 135 }),
        neighbour({ target: '2001:db8:0:1::1', mac: '02:00:00:00:00:c2' }),
      ),
    ).toBe(
      '3333ff0000010200000000c286dd' +
        '6000000000203aff20010db8000000010000000000000002ff0200000000000000000001ff000001' +
        '87001b6500000000' +
        '20010db800000001000000000000000101010200000000c2',
    );
  });

  it('is the datagram with extension headers that Linux 6.18 sent', () => {
    expect(
      hexOf(
        ip6({ trafficClass: 3, flowLabel: 0x0fc66, source: '2001:db8:0:1::2', destination: '2001:db8:0:1::1' }),
        hopByHop({ options: '050200000100' }),
        destinationOptions({ options: '010400000000' }),
        udp({ sourcePort: 40123, destinationPort: 40998 }),
        payload('ext'),
      ),
    ).toBe(
      '6030fc66001b004020010db800000001000000000000000220010db8000000010000000000000001' +
        '3c000502000001001100010400000000' +
        '9cbba026000b8e06657874',
    );
  });

  it.each<[string, Layer[], string]>([
    ['hopByHop', [hopByHop()], '00'],
    ['ip', [ip()], '04'],
    ['tcp', [tcp()], '06'],
    ['udp', [udp()], '11'],
    ['ip6', [ip6()], '29'],
    ['routing', [routing()], '2b'],
    ['fragment', [fragment()], '2c'],
    ['icmp6', [icmp6()], '3a'],
    ['nothing', [], '3b'],
    ['destinationOptions', [destinationOptions()], '3c'],
    ['payload', [payload('x')], 'ff'],
  ])('has for IPv6 and its extension headers around %s the next header', (_what, inner, number) => {
    expect(hexOf(ip6(), ...inner).slice(12, 14)).toBe(number);
    for (const header of [hopByHop(), destinationOptions(), routing(), fragment()]) {
      expect(hexOf(header, ip6(), ...inner).slice(28, 30)).toBe(number);
      expect(hexOf(ip6(), header, ...inner).slice(80, 82)).toBe(number);
    }
  });

  it.each<[string, Layer[], string]>([
    ['ip', [ip()], '0800'],
    ['ip6', [ip6()], '86dd'],
    ['arp', [arp()], '0806'],
    ['payload', [payload('x')], '88b5'],
    ['nothing', [], '88b5'],
  ])('has for ethernet around %s the type', (_what, inner, type) => {
    expect(hexOf(ethernet(), ...inner).slice(24, 28)).toBe(type);
  });

  it.each<[string, Layer[], string]>([
    ['icmp', [icmp()], '01'],
    ['ip', [ip()], '04'],
    ['ip6', [ip6()], '29'],
    ['tcp', [tcp()], '06'],
    ['udp', [udp()], '11'],
    ['payload', [payload('x')], 'ff'],
    ['nothing', [], 'ff'],
  ])('has for ip around %s the protocol', (_what, inner, protocol) => {
    expect(hexOf(ip(), ...inner).slice(18, 20)).toBe(protocol);
  });

  it('keeps a stated type and protocol against what follows', () => {
    expect(hexOf(ethernet({ type: 0x86dd }), ip({ protocol: 50 }), tcp()).slice(24, 48)).toContain('86dd45');
    expect(hexOf(ip({ protocol: 50 }), tcp()).slice(18, 20)).toBe('32');
  });

  it.each<[string, Layer, number]>([
    ['udp', udp(), 8],
    ['tcp', tcp(), 20],
  ])('may have layers after a payload in %s, as headers that have no layer of their own', (_kind, header, length) => {
    // GUE between UDP and IP (draft-ietf-intarea-gue): the outer lengths and checksums cover it all.
    const outer = ip({ source: '192.168.1.1', destination: '192.168.1.11' });
    const bytes = buildPacket([outer, header, payload(Uint8Array.of(0, 4, 0, 0)), ip(), tcp()]);
    expect(bytes).toHaveLength(20 + length + 4 + 20 + 20);
    expect(toHex(bytes.subarray(20 + length)).slice(0, 10)).toBe('0004000045');
    expect(toHex(bytes.subarray(2, 4))).toBe(bytes.length.toString(16).padStart(4, '0'));
    expect(checksumErrors(bytes, 'ip')).toEqual([]);
  });

  it('without layers has no bytes', () => {
    expect(buildPacket([])).toEqual(new Uint8Array(0));
  });

  it.each<[string, Layer[]]>([
    ['tcp', [ethernet(), tcp()]],
    ['udp', [udp(), payload('x')]],
    ['icmp6', [icmp6()]],
  ])('refuses %s outside of IP, naming it', (kind, layers) => {
    expect(() => buildPacket(layers)).toThrow(MalformedInput);
    expect(() => buildPacket(layers)).toThrow(`${kind}: no ip layer around it`);
  });

  it('refuses data that is not hexadecimal, naming the field', () => {
    expect(() => buildPacket([{ kind: 'payload', data: 'hello' }])).toThrow(MalformedInput);
    expect(() => buildPacket([{ kind: 'payload', data: 'hello' }])).toThrow("payload.data: 'hello'");
  });
});
