import { parseIpv4 } from '../../../reference/wire/address.ts';
import { adjust16, adjust32, internetChecksum } from '../../../reference/wire/checksum.ts';
import { IPV4 } from '../../../reference/wire/ipv4.ts';
import type { Layer } from '../../../reference/wire/layer.ts';
import { dissect } from '../../../reference/wire/packet.ts';
import type { TemplateLayer } from '../../harness/expectation.ts';
import type { Packet } from '../../harness/lab.ts';
import { payload } from '../../harness/layers.ts';

/** The address and port that one side of a quoted packet must have. */
export interface Names {
  readonly side: 'source' | 'destination';
  readonly address: string;
  readonly port: number;
  /**
   * The quoted transport checksum: `stale`, as it was with the former names, or `either`, stale or made right. RFC 5508 §4.2 wants it right;
   * but no host looks at it, and a quote of eight bytes does not even have TCP's.
   */
  readonly transportChecksum: 'stale' | 'either';
}

/** The received IP datagram, from its header to its end. */
export function datagramOf({ bytes, layers }: Packet): Uint8Array {
  const header = layers.find(({ layer }) => layer.kind === 'ip');
  const start = header?.offset ?? 0;
  const length = header?.layer.kind === 'ip' ? header.layer.totalLength : undefined;
  return bytes.subarray(start, start + (length ?? bytes.length));
}

/** What an ICMP error about a received packet quotes (RFC 792): its first `length` bytes, by default all of it. */
export function quote(packet: Packet, length?: number): Layer {
  return payload(datagramOf(packet).subarray(0, length));
}

/** The same quote as its reader must find it: with other names on one side, its IP checksum right, and nothing else changed. */
export function quoteWithNames(packet: Packet, names: Names, length?: number): readonly TemplateLayer[] {
  const bytes = Uint8Array.from(datagramOf(packet).subarray(0, length));
  const view = new DataView(bytes.buffer);
  const headerLength = (view.getUint8(IPV4.versionAndLength) & 0x0f) * 4;
  const portField = headerLength + (names.side === 'source' ? 0 : 2);
  const before = { address: view.getUint32(IPV4[names.side]), port: view.getUint16(portField) };
  const address = parseIpv4(names.address);
  view.setUint32(IPV4[names.side], address);
  view.setUint16(portField, names.port);
  view.setUint16(IPV4.checksum, 0);
  view.setUint16(IPV4.checksum, internetChecksum(view, 0, headerLength));
  return dissect(bytes, 'ip').map(({ layer }): TemplateLayer => {
    if ((layer.kind !== 'tcp' && layer.kind !== 'udp') || layer.checksum === undefined) return layer;
    if (names.transportChecksum === 'stale') return layer;
    const right = adjust16(adjust32(layer.checksum, before.address, address), before.port, names.port);
    return { ...layer, checksum: { oneOf: [layer.checksum, right] } };
  });
}

/** The quote as it was made, to the byte. */
export function quoteUnchanged(packet: Packet, length?: number): readonly TemplateLayer[] {
  return dissect(datagramOf(packet).subarray(0, length), 'ip').map(({ layer }) => layer);
}
