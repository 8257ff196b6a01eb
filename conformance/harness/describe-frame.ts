import { describePacket, dissect } from '../../reference/wire/packet.ts';

/** One line about a frame. */
export const describeFrame = (bytes: Uint8Array): string => describePacket(dissect(bytes));
