import { internetChecksum } from '../../../reference/wire/checksum.ts';
import { IPV4 } from '../../../reference/wire/ipv4.ts';
import type { Layer } from '../../../reference/wire/layer.ts';
import { buildPacket } from '../../../reference/wire/packet.ts';
import type { Attachment } from '../../harness/lab.ts';
import { ethernet, payload } from '../../harness/layers.ts';

/** The bytes of a packet from its IP header on, after `change`; the checksum is made right again for the header length that then stands there. */
export function changedPacket(layers: readonly Layer[], change: (view: DataView) => void): Uint8Array {
  const bytes = buildPacket(layers);
  const view = new DataView(bytes.buffer);
  change(view);
  view.setUint16(IPV4.checksum, 0);
  const headerLength = (view.getUint8(IPV4.versionAndLength) & 0x0f) * 4;
  view.setUint16(IPV4.checksum, internetChecksum(view, 0, headerLength));
  return bytes;
}

/** A frame of type IPv4 to the director around any bytes. */
export function frameAround(director: Attachment, bytes: Uint8Array): readonly Layer[] {
  return [ethernet({ destination: director.mac, type: 0x0800 }), payload(bytes)];
}
