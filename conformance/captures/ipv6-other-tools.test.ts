import { fc, test } from '@fast-check/vitest';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import { anyFrame } from '../../reference/testing/any-packet.ts';
import { formatIpv6, parseIpv6 } from '../../reference/wire/ipv6-address.ts';
import {
  destinationOptions,
  ethernet,
  fragment,
  hopByHop,
  icmp6,
  ip,
  ip6,
  neighbour,
  payload,
  tcp,
  udp,
  type Layer,
} from '../../reference/wire/layer.ts';
import { buildPacket, checksumErrors, dissect } from '../../reference/wire/packet.ts';
import { writeCapture } from './write-capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipv6-tools-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a tool says of frames; null where it is not installed. */
function run(tool: string, ...args: readonly string[]): string | null {
  try {
    return execFileSync(tool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
const missing = (tool: string): string =>
  run(tool, '--version') === null ? ` (skipped: ${tool} is not installed)` : '';

function captureOf(frames: readonly Uint8Array[]): string {
  const path = join(folder, 'frames.pcap');
  writeCapture(path, {
    interfaces: [{ name: '', snaplen: 262144 }],
    frames: frames.map((bytes, index) => ({
      timeNs: BigInt(index),
      interface: 0,
      direction: undefined,
      bytes,
      originalLength: bytes.length,
    })),
  });
  return path;
}

/** The first value of each field, by frame. Addresses as text, all else as numbers. */
function seenByTshark(frames: readonly Uint8Array[], fields: readonly string[]): (string | number | undefined)[][] {
  const checks = ['tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
  const options = ['-E', 'separator=|', '-E', 'occurrence=f', ...fields.flatMap((field) => ['-e', field])];
  const text = run('tshark', '-n', '-r', captureOf(frames), ...checks, '-T', 'fields', ...options) ?? '';
  return text
    .split('\n')
    .slice(0, frames.length)
    .map((line) => line.split('|').map((value) => (value === '' ? undefined : asValue(value))));
}

// Wireshark writes a dotted quad behind any 96 zeros.
const asValue = (text: string): string | number => (text.includes(':') ? formatIpv6(parseIpv6(text)) : Number(text));

const ends = { source: '2001:db8:0:1::2', destination: '2001:db8:0:1::100' };
const PACKETS: Readonly<Record<string, readonly Layer[]>> = {
  tcp: [ip6(ends), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' })],
  udp: [
    ip6({ ...ends, trafficClass: 3, flowLabel: 0x12345 }),
    udp({ sourcePort: 5000, destinationPort: 9 }),
    payload('odd'),
  ],
  echo: [ip6({ ...ends, hopLimit: 1 }), icmp6({ rest: 0x00010002 }), payload('data')],
  solicitation: [
    ip6({ source: ends.source, destination: 'ff02::1:ff00:100', hopLimit: 255 }),
    icmp6({ type: 135 }),
    neighbour({ target: ends.destination, mac: '02:00:00:00:00:c2' }),
  ],
  'extension headers': [ip6(ends), hopByHop({ options: '050200000100' }), destinationOptions(), tcp({ flags: 'A' })],
  'an atomic fragment': [ip6(ends), fragment({ id: 7 }), udp({ sourcePort: 5000, destinationPort: 9 }), payload('x')],
  'an error': [ip6(ends), icmp6({ type: 2, rest: 1280 }), ip6(), tcp({ sourcePort: 1, destinationPort: 2 })],
  'IPv6 in IPv4': [ip({ source: '10.0.0.1', destination: '10.0.0.2' }), ip6(ends), tcp({ flags: 'S' })],
  'IPv4 in IPv6': [ip6(ends), ip({ source: '10.0.0.1', destination: '10.0.0.2' }), tcp({ flags: 'S' })],
};
const TRANSPORTS = ['tcp', 'udp', 'icmp6'];

/** The same packet with a wrong checksum in its outermost transport header. */
function damaged(layers: readonly Layer[]): readonly Layer[] {
  const at = layers.findIndex(({ kind }) => TRANSPORTS.includes(kind));
  return layers.map((layer, index) => (index === at ? Object.assign({}, layer, { checksum: 0x0bad }) : layer));
}

const noTshark = missing('tshark');
const noTcpdump = missing('tcpdump');

describe.skipIf(noTshark !== '')(`tshark${noTshark}`, () => {
  test.each(Object.entries(PACKETS))('finds the checksums right and wrong where we do: %s', (_name, layers) => {
    const frames = [layers, damaged(layers)].map((packet) => buildPacket([ethernet(), ...packet]));
    const transport = layers.find(({ kind }) => TRANSPORTS.includes(kind))?.kind.replace('icmp6', 'icmpv6') ?? '';
    // 0 is bad, 1 good.
    expect(seenByTshark(frames, [`${transport}.checksum.status`])).toEqual([[1], [0]]);
    expect(frames.map((frame) => checksumErrors(frame).length)).toEqual([0, 1]);
  });

  // Not shrunk: the tool takes half a second each time.
  test.prop([fc.noShrink(fc.array(anyFrame, { minLength: 50, maxLength: 50 }))], { numRuns: 3 })(
    'reads the first IPv6 header and what follows it as we do',
    (packets) => {
      const frames = packets.map(buildPacket);
      const fields = ['tclass', 'flow', 'plen', 'nxt', 'hlim', 'src', 'dst', 'fraghdr.offset', 'fraghdr.ident'];
      const seen = seenByTshark(
        frames,
        fields.map((name) => `ipv6.${name}`),
      );
      for (const [index, frame] of frames.entries()) {
        const layers = dissect(frame).map(({ layer }) => layer);
        const [header, next] = [layers[1], layers[2]];
        if (header?.kind !== 'ip6') continue;
        const { trafficClass, flowLabel, payloadLength, nextHeader, hopLimit, source, destination } = header;
        const expected = [trafficClass, flowLabel, payloadLength, nextHeader, hopLimit, source, destination];
        expect(seen[index]?.slice(0, 7)).toEqual(expected);
        if (next?.kind === 'fragment') expect(seen[index]?.slice(7)).toEqual([(next.offset ?? 0) / 8, next.id]);
      }
    },
  );
});

describe.skipIf(noTcpdump !== '')(`tcpdump${noTcpdump}`, () => {
  test('names what we name', () => {
    const frames = Object.values(PACKETS).map((packet) => buildPacket([ethernet(), ...packet]));
    const lines = (run('tcpdump', '-n', '-t', '-r', captureOf(frames)) ?? '').trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/ (seq|win|length|Flags).*/, ''))).toEqual([
      'IP6 2001:db8:0:1::2.40001 > 2001:db8:0:1::100.80:',
      'IP6 2001:db8:0:1::2.5000 > 2001:db8:0:1::100.9: UDP,',
      'IP6 2001:db8:0:1::2 > 2001:db8:0:1::100: ICMP6, echo request, id 1,',
      'IP6 2001:db8:0:1::2 > ff02::1:ff00:100: ICMP6, neighbor solicitation, who has 2001:db8:0:1::100,',
      'IP6 2001:db8:0:1::2 > 2001:db8:0:1::100: HBH DSTOPT 0 > 0:',
      'IP6 2001:db8:0:1::2 > 2001:db8:0:1::100: frag (0|9) 5000 > 9: UDP,',
      'IP6 2001:db8:0:1::2 > 2001:db8:0:1::100: ICMP6, packet too big, mtu 1280,',
      'IP 10.0.0.1 > 10.0.0.2: IP6 2001:db8:0:1::2.0 > 2001:db8:0:1::100.0:',
      'IP6 2001:db8:0:1::2 > 2001:db8:0:1::100: IP 10.0.0.1.0 > 10.0.0.2.0:',
    ]);
  });
});
