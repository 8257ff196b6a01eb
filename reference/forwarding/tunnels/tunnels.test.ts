import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Tunnel } from '../../administration/command.ts';
import { bytesOf, layersOf, packetOf, wrongChecksums } from '../../testing/packets.ts';
import { parseIpv4 } from '../../wire/address.ts';
import { ip, payload, tcp, udp, type Layer } from '../../wire/layer.ts';
import { encapsulate, tunnelOverhead } from '../tunnel.ts';
import { TUNNELS } from './tunnels.ts';

const outer = { source: parseIpv4('192.168.1.1'), destination: parseIpv4('192.168.1.11'), dontFragment: true, id: 0 };
const anyTunnel = fc.oneof(
  fc.constant<Tunnel>({ type: 'ipip', port: 0, checksum: 'none' }),
  fc.constantFrom('none', 'csum').map((checksum): Tunnel => ({ type: 'gre', port: 0, checksum })),
  fc.constantFrom('none', 'csum', 'remcsum').map((checksum): Tunnel => ({ type: 'gue', port: 6080, checksum })),
);
const sent = (data: Uint8Array, sourcePort = 40001) =>
  packetOf(ip({ source: '10.0.0.2', destination: '10.0.0.100' }), tcp({ sourcePort, flags: 'A' }), payload(data));

describe('every tunnel', () => {
  property.prop([anyTunnel, fc.uint8Array({ maxLength: 1400, minLength: 1, size: 'max' })])(
    'carries the packet whole, which is dissected as it was, and its checksums are right',
    (tunnel, data) => {
      const packet = sent(data);
      const before = bytesOf(packet);
      encapsulate(packet, tunnel, outer);
      const after = bytesOf(packet);
      const overhead = tunnelOverhead(tunnel, outer.destination);
      expect(after.subarray(overhead)).toEqual(before);
      expect(layersOf(after).slice(-3)).toEqual(layersOf(before));
      expect(layersOf(after)[0]).toMatchObject({ totalLength: before.length + overhead, source: '192.168.1.1' });
      expect(wrongChecksums(after)).toEqual([]);
    },
  );

  property.prop([anyTunnel, fc.uint8Array({ maxLength: 100, minLength: 1 }), fc.nat(150)])(
    'is known again from a quote that holds its header, and from no shorter one',
    (tunnel, data, cut) => {
      const packet = sent(data);
      encapsulate(packet, tunnel, outer);
      const { view, start, end } = packet;
      const header = tunnelOverhead(tunnel, outer.destination) - 20;
      const quoted = TUNNELS[tunnel.type].quotedLength(view, start + 20, Math.min(start + 20 + cut, end));
      // GRE tells by its first four bytes how long it is; the rest must be there for the packet inside to be read.
      const needed = tunnel.type === 'gre' ? 4 : header;
      expect(quoted).toBe(cut < needed ? undefined : header);
    },
  );
});

describe('the source port of GUE', () => {
  const port = (...layers: readonly Layer[]) => {
    const packet = packetOf(...layers);
    encapsulate(packet, { type: 'gue', port: 6080, checksum: 'none' }, outer);
    return packet.sourcePort;
  };
  const anyFlow = fc.record({ client: fc.nat(255), sourcePort: fc.nat(65535), isTcp: fc.boolean() });

  property.prop([anyFlow, fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 })])(
    'is one for all packets of a flow, and one of the local ports',
    ({ client, sourcePort, isTcp }, one, other) => {
      const flow = [
        ip({ source: `10.0.0.${client}`, destination: '10.0.0.100' }),
        isTcp ? tcp({ sourcePort }) : udp({ sourcePort }),
      ] as const;
      const first = port(...flow, payload(one));
      expect(port(...flow, payload(other))).toBe(first);
      expect(first).toBeGreaterThanOrEqual(32768);
      expect(first).toBeLessThan(60999);
    },
  );

  test('is spread over flows', () => {
    const seen = new Set(
      Array.from({ length: 1000 }, (_, index) => port(ip({ source: '10.0.0.2' }), tcp({ sourcePort: 40000 + index }))),
    );
    expect(seen.size).toBeGreaterThan(900);
  });
});
