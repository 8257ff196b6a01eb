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

/** The received IP datagram, from its (outermost) header to its end. */
export function datagramOf({ bytes, layers }: Packet): Uint8Array {
  const header = layers.find(({ layer }) => layer.kind === 'ip');
  const start = header?.offset ?? 0;
  const length = header?.layer.kind === 'ip' ? header.layer.totalLength : undefined;
  return Uint8Array.from(bytes.subarray(start, length === undefined ? undefined : start + length));
}

/** What an ICMP error about a received packet quotes (RFC 792): its first `length` bytes, by default all of it. */
export function quote(packet: Packet, length?: number): Layer {
  return payload(datagramOf(packet).subarray(0, length));
}

/** The bytes of the same quote with other names on one side: the IP checksum is right, the transport checksum as it was. */
export function renamedQuote(
  packet: Packet,
  { side, address, port }: Omit<Names, 'transportChecksum'>,
  length?: number,
) {
  const bytes = datagramOf(packet).slice(0, length);
  const view = new DataView(bytes.buffer);
  const headerLength = headerLengthOf(view);
  view.setUint32(IPV4[side], parseIpv4(address));
  view.setUint16(headerLength + PORT[side], port);
  view.setUint16(IPV4.checksum, 0);
  view.setUint16(IPV4.checksum, internetChecksum(view, 0, headerLength));
  return bytes;
}

/** The same quote as its reader must find it: with other names on one side, its IP checksum right, and nothing else changed. */
export function quoteWithNames(packet: Packet, names: Names, length?: number): readonly TemplateLayer[] {
  const template = templateOf(renamedQuote(packet, names, length));
  if (names.transportChecksum === 'stale') return template;
  const view = new DataView(datagramOf(packet).buffer);
  const { side, address, port } = names;
  const [oldAddress, oldPort] = [view.getUint32(IPV4[side]), view.getUint16(headerLengthOf(view) + PORT[side])];
  return template.map((layer) => {
    if ((layer.kind !== 'tcp' && layer.kind !== 'udp') || typeof layer.checksum !== 'number') return layer;
    const right = adjust16(adjust32(layer.checksum, oldAddress, parseIpv4(address)), oldPort, port);
    return { ...layer, checksum: { oneOf: [layer.checksum, right] } };
  });
}

/** A datagram, or the beginning of one, as a template that states all its fields. */
export function templateOf(datagram: Uint8Array): readonly TemplateLayer[] {
  return dissect(datagram, 'ip').map(({ layer }) => layer);
}

const PORT = { source: 0, destination: 2 } as const;

const headerLengthOf = (view: DataView) => (view.getUint8(IPV4.versionAndLength) & 0x0f) * 4;
