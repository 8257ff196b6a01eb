import { SCTP_STATE, sctpEvent } from '../connections/sctp-states.ts';
import type { PacketBuffer } from '../forwarding/packet-buffer.ts';
import { CHUNK, CHUNK_TYPE } from '../wire/sctp-chunk.ts';
import { SCTP } from '../wire/sctp.ts';
import type { BalancedProtocol } from './balanced-protocol.ts';

/** SCTP (kernel `ip_vs_proto_sctp.c`): the first chunk says what the packet is. */
export const sctp: BalancedProtocol = {
  headerLength: SCTP.headerLength,

  begins(packet, settings) {
    const type = firstChunk(packet);
    if (type === undefined) return 'drop';
    if (type === CHUNK_TYPE.abort) return 'pass';
    return type === CHUNK_TYPE.init || settings.get('vs.sloppy_sctp') !== 0 ? 'schedule' : 'pass';
  },

  isFirst: (packet) => firstChunk(packet) === CHUNK_TYPE.init,

  isOver: (state) => state === SCTP_STATE.CLOSED,

  isAbort: (packet) => firstChunk(packet) === CHUNK_TYPE.abort,

  /** A packet without a chunk changes nothing. */
  passes(tracker, connection, direction, { view, end }, at) {
    const chunks = at + SCTP.headerLength;
    if (end - chunks < CHUNK.headerLength) return;
    tracker.sctpPacket(connection, direction, sctpEvent(view, chunks, end));
  },
};

/** The type of the first chunk; undefined where its header is not wholly there. */
function firstChunk({ view, transport, transportLength }: PacketBuffer): number | undefined {
  return transportLength < SCTP.headerLength + CHUNK.headerLength
    ? undefined
    : view.getUint8(transport + SCTP.headerLength + CHUNK.type);
}
