import { PacketBuffer } from '../forwarding/packet-buffer.ts';
import { buildPacket } from '../wire/build-packet.ts';
import { checksumErrors } from '../wire/checksum-errors.ts';
import { dissect } from '../wire/dissect.ts';
import type { Layer, LayerKind, LayerOf } from '../wire/layer.ts';

/** A datagram, given as layers from `ip` on, in a buffer of its own. */
export function packetOf(...layers: readonly Layer[]): PacketBuffer {
  return bufferOf(buildPacket(layers));
}

/** Bytes of a datagram in a buffer of their own. */
export function bufferOf(datagram: Uint8Array, port = 0): PacketBuffer {
  const packet = new PacketBuffer(datagram.length);
  packet.load(datagram, 0, port);
  return packet;
}

/** A copy of the datagram in the buffer. */
export function bytesOf(packet: PacketBuffer): Uint8Array {
  return packet.bytes.slice(packet.start, packet.end);
}

/** The layers of a datagram. */
export function layersOf(datagram: Uint8Array): Layer[] {
  return dissect(datagram, 'ip').map(({ layer }) => layer);
}

/** The first layer of a kind; throws where there is none. */
export function layerOf<K extends LayerKind>(layers: readonly Layer[], kind: K): LayerOf<K> {
  const found = layers.find((layer): layer is LayerOf<K> => layer.kind === kind);
  if (found === undefined) throw new Error(`no ${kind} among ${layers.map((layer) => layer.kind).join(', ')}`);
  return found;
}

/** The checksums of a datagram that a receiver would find wrong, by layer. */
export function wrongChecksums(datagram: Uint8Array): LayerKind[] {
  return checksumErrors(datagram, 'ip').map(({ kind }) => kind);
}
