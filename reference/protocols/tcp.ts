import { TCP_STATE } from '../connections/tcp-states.ts';
import type { PacketBuffer } from '../forwarding/packet-buffer.ts';
import { TCP, TCP_FLAG } from '../wire/tcp.ts';
import type { BalancedProtocol } from './balanced-protocol.ts';

/** TCP (kernel `ip_vs_proto_tcp.c`). */
export const tcp: BalancedProtocol = {
  headerLength: TCP.headerLength,

  begins(packet, settings) {
    if (!isWhole(packet)) return 'drop';
    const flags = packet.tcpFlags;
    if ((flags & TCP_FLAG.rst) !== 0) return 'pass';
    return (flags & TCP_FLAG.syn) === 0 && settings.get('vs.sloppy_tcp') === 0 ? 'pass' : 'schedule';
  },

  /** The SYN bit decides, whatever else is set. */
  isFirst: (packet) => isWhole(packet) && (packet.tcpFlags & TCP_FLAG.syn) !== 0,

  isOver: (state) => state === TCP_STATE.TIME_WAIT || state === TCP_STATE.CLOSE,

  isAbort: (packet) => isWhole(packet) && (packet.tcpFlags & TCP_FLAG.rst) !== 0,

  passes(tracker, connection, direction, { view, end }, at) {
    if (end - at >= TCP.headerLength) tracker.tcpSegment(connection, direction, view.getUint8(at + TCP.flags));
  },
};

function isWhole({ transportLength }: PacketBuffer): boolean {
  return transportLength >= TCP.headerLength;
}
