import { isAddressResolution } from '../captures/address-resolution.ts';
import { isMembershipReport } from '../captures/membership-report.ts';
import type { Match } from './match-packet.ts';
import type { TemplateLayer } from './expectation.ts';

/** One frame on one of the wires. */
export interface FrameRecord {
  /** Microseconds since the case began: virtual time, and one more for each frame so that order is kept. */
  readonly time: number;
  readonly port: number;
  /** Seen from the director. */
  readonly direction: 'in' | 'out';
  readonly bytes: Uint8Array;
  /** About who is where on the link; not about a packet. */
  readonly isResolution: boolean;
  /** That, and what routers are told of multicast groups: goes by itself, and no case need ask about it. */
  readonly isOwnAffair: boolean;
  /** What a case expected of this frame, once it asked. */
  judgement?: { readonly template: readonly TemplateLayer[]; readonly match: Match };
}

/** Keeps every frame of a case in the order seen. The director's own time cannot be seen: the lab's virtual clock stands in. */
export class WireRecorder {
  readonly records: FrameRecord[] = [];
  #now = 0;
  #last = -1;

  record(port: number, direction: 'in' | 'out', bytes: Uint8Array): FrameRecord {
    this.#last = Math.max(this.#last + 1, this.#now);
    const isResolution = isAddressResolution(bytes);
    const isOwnAffair = isResolution || isMembershipReport(bytes);
    const record: FrameRecord = { time: this.#last, port, direction, bytes, isResolution, isOwnAffair };
    this.records.push(record);
    return record;
  }

  /** Seconds of virtual time since the case began. */
  get now(): number {
    return this.#now / 1e6;
  }

  advance(seconds: number): void {
    this.#now += Math.round(seconds * 1e6);
  }
}
