/** The part of the npm package `pcap-parser` 0.2.1 that the tests use; it has no types of its own. */
declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events';

  export interface Packet {
    readonly header: {
      readonly timestampSeconds: number;
      readonly timestampMicroseconds: number;
      readonly capturedLength: number;
      readonly originalLength: number;
    };
    readonly data: Buffer;
  }

  const pcapParser: { parse(path: string): EventEmitter<{ packet: [Packet]; end: []; error: [Error] }> };
  export default pcapParser;
}
