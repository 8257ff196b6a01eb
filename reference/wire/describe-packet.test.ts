import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { buildPacket } from './build-packet.ts';
import { describePacket } from './describe-packet.ts';
import { dissect } from './dissect.ts';
import {
  arp,
  chunk,
  ethernet,
  fragment,
  hopByHop,
  gre,
  gue,
  icmp,
  icmp6,
  ip,
  ip6,
  neighbour,
  payload,
  sctp,
  tcp,
  udp,
  type Layer,
} from './layer.ts';

const DATAGRAM = ip({ source: '10.0.0.2', destination: '10.0.0.100' });
const SYN = tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' });
const DATAGRAM6 = ip6({ source: '2001:db8::2', destination: '2001:db8::100' });
const QUERY = udp({ sourcePort: 40001, destinationPort: 53 });

describe('a packet in one line', () => {
  it.each<[string, Layer[]]>([
    ['10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 64', [DATAGRAM, SYN]],
    ['10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 data 5 ttl 64', [DATAGRAM, SYN, payload('hello')]],
    ['10.0.0.2:40001 > 10.0.0.100:53 udp length 13 ttl 64', [DATAGRAM, QUERY, payload('hello')]],
    [
      'icmp 8/0 echo request id 1 seq 2 10.0.0.2 > 10.0.0.100 ttl 64 data 3',
      [DATAGRAM, icmp({ rest: 65538 }), payload('abc')],
    ],
    [
      'icmp 3/3 port unreachable 10.0.0.100 > 10.0.0.2 ttl 64 { quoted 10.0.0.2:40001 > 10.0.0.100:53 udp length 8 ttl 64 }',
      [ip({ source: '10.0.0.100', destination: '10.0.0.2' }), icmp({ type: 3, code: 3 }), DATAGRAM, QUERY],
    ],
    [
      'ip 192.168.1.1 > 192.168.1.11 ipip ttl 63 { 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 64 }',
      [ip({ source: '192.168.1.1', destination: '192.168.1.11', ttl: 63 }), DATAGRAM, SYN],
    ],
    [
      '10.0.0.2:40001 > 10.0.0.100:90 sctp tag 0x00000007 [COOKIE_ECHO 8] [DATA 12] ttl 64',
      [
        DATAGRAM,
        sctp({ sourcePort: 40001, destinationPort: 90, verificationTag: 7 }),
        chunk({ type: 10, data: '0102030405060708' }),
        chunk({ data: '000000010000000000000000' }),
      ],
    ],
    [
      'ip 192.168.1.1 > 192.168.1.11 gre flags 0x8000 ttl 63 { 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 64 }',
      [ip({ source: '192.168.1.1', destination: '192.168.1.11', ttl: 63 }), gre({ flags: 0x8000 }), DATAGRAM, SYN],
    ],
    [
      '192.168.1.1:40000 > 192.168.1.11:6080 udp length 52 gue ttl 63 { 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 64 }',
      [
        ip({ source: '192.168.1.1', destination: '192.168.1.11', ttl: 63 }),
        udp({ sourcePort: 40000, destinationPort: 6080 }),
        gue(),
        DATAGRAM,
        SYN,
      ],
    ],
    [
      'ip 10.0.0.2 > 10.0.0.100 protocol 17 data 3 fragment id 4660 offset 1480 ttl 64',
      [ip({ ...DATAGRAM, offset: 1480, protocol: 17 }), payload('abc')],
    ],
    [
      '10.0.0.2:40001 > 10.0.0.100:53 udp length 11 fragment id 4660 offset 0 mf ttl 64',
      [ip({ ...DATAGRAM, mf: true }), QUERY, payload('abc')],
    ],
    ['ip 10.0.0.2 > 10.0.0.100 protocol 255 ttl 64', [DATAGRAM]],
    ['arp who-has 10.0.0.100 tell 10.0.0.2', [arp({ senderAddress: '10.0.0.2', targetAddress: '10.0.0.100' })]],
    ['[2001:db8::2]:40001 > [2001:db8::100]:80 tcp S seq 1000 win 8192 hlim 64', [DATAGRAM6, SYN]],
    [
      '[2001:db8::2]:40001 > [2001:db8::100]:53 udp length 8 hop-by-hop 050200000100 fragment id 7 offset 0 mf hlim 64',
      [DATAGRAM6, hopByHop({ options: '050200000100' }), fragment({ id: 7, mf: true }), QUERY],
    ],
    [
      'ip6 2001:db8::2 > 2001:db8::100 protocol 17 data 3 fragment id 7 offset 8 hlim 64',
      [DATAGRAM6, fragment({ id: 7, offset: 8, nextHeader: 17 }), payload('abc')],
    ],
    ['ip6 2001:db8::2 > 2001:db8::100 protocol 59 hlim 64', [DATAGRAM6]],
    [
      'icmp6 2/0 packet too big mtu 1280 2001:db8::2 > 2001:db8::100 hlim 64 { quoted [2001:db8::2]:40001 > [2001:db8::100]:80 tcp S seq 1000 win 8192 hlim 64 }',
      [DATAGRAM6, icmp6({ type: 2, rest: 1280 }), DATAGRAM6, SYN],
    ],
    [
      'icmp6 135/0 neighbour solicitation 2001:db8::2 > ff02::1:ff00:100 hlim 255 target 2001:db8::100 source-link 02:00:00:00:00:c2',
      [
        ip6({ source: '2001:db8::2', destination: 'ff02::1:ff00:100', hopLimit: 255 }),
        icmp6({ type: 135 }),
        neighbour({ target: '2001:db8::100', mac: '02:00:00:00:00:c2' }),
      ],
    ],
    [
      'ip 10.0.0.2 > 10.0.0.100 ipv6 ttl 64 { ip6 2001:db8::2 > 2001:db8::100 protocol 59 hlim 64 }',
      [DATAGRAM, DATAGRAM6],
    ],
    [
      'ip6 2001:db8::2 > 2001:db8::100 ipip hlim 64 { ip 10.0.0.2 > 10.0.0.100 protocol 255 ttl 64 }',
      [DATAGRAM6, DATAGRAM],
    ],
    ['ethernet 00:00:00:00:00:00 > ff:ff:ff:ff:ff:ff type 0x88b5 data 2', [payload('ab')]],
    ['ethernet 00:00:00:00:00:00 > ff:ff:ff:ff:ff:ff type 0x88b5', []],
  ])('reads %j', (text, layers) => {
    const bytes = buildPacket([ethernet({ destination: 'ff:ff:ff:ff:ff:ff' }), ...layers]);
    expect(describePacket(dissect(bytes))).toBe(text);
  });

  it('of no layers says so', () => expect(describePacket([])).toBe('empty'));

  it('of the eight bytes of TCP that a router quotes has the fields that are there', () => {
    const bytes = buildPacket([ip(), icmp({ type: 11 }), DATAGRAM, SYN]).subarray(0, 20 + 8 + 20 + 8);
    expect(describePacket(dissect(bytes, 'ip'))).toBe(
      'icmp 11/0 time to live exceeded 0.0.0.0 > 0.0.0.0 ttl 64 { quoted 10.0.0.2:40001 > 10.0.0.100:80 tcp seq 1000 ttl 64 }',
    );
  });

  test.prop([fc.uint8Array({ maxLength: 80 }), fc.constantFrom('ethernet' as const, 'ip' as const, 'ip6' as const)])(
    'is one line for any bytes, without undefined or NaN',
    (bytes, outermost) => {
      if (outermost === 'ip6') bytes[0] = 0x60;
      expect(describePacket(dissect(bytes, outermost))).toMatch(/^(?!.*(undefined|NaN)).+$/);
    },
  );
});
