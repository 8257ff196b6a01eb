import { buildPacket, dissect } from '../../reference/wire/packet.ts';
import { type IpFields, type Layer, ip, payload } from '../../reference/wire/layer.ts';

/** A datagram as it leaves by a wire of this MTU: whole, or in fragments (RFC 791 §3.2). */
export function fragmentsFor(mtu: number, header: IpFields, contents: readonly Layer[]): readonly Uint8Array[] {
  const whole = buildPacket([ip(header), ...contents]);
  if (whole.length <= mtu) return [whole];
  const [found] = dissect(whole, 'ip');
  const headerLength = found?.length ?? 0;
  const room = (mtu - headerLength) & ~7;
  const protocol = found?.layer.kind === 'ip' ? (found.layer.protocol ?? 0) : 0;
  const data = whole.subarray(headerLength);
  return Array.from({ length: Math.ceil(data.length / room) }, (_, index) => {
    const offset = index * room;
    const mf = offset + room < data.length;
    return buildPacket([
      ip({ ...header, protocol, df: false, mf, offset }),
      payload(data.subarray(offset, offset + room)),
    ]);
  });
}
