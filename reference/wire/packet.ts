/** Whole packets: build, dissect, verify, describe. */
export { buildPacket } from './build-packet.ts';
export { checksumErrors, type ChecksumError } from './checksum-errors.ts';
export { describePacket } from './describe-packet.ts';
export { dissect } from './dissect.ts';
export { fieldRange } from './field-range.ts';
