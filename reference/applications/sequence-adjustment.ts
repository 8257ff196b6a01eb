/** Signed 32-bit distance (RFC 9293 §3.4): whether sequence number `a` comes after `b`. */
const isAfter = (a: number, b: number): boolean => ((a - b) | 0) > 0;

/**
 * Sequence numbers of one direction of a TCP connection whose payload was made longer or shorter: the two ends count different
 * bytes from there on (net/netfilter/nf_conntrack_seqadj.c). Only the latest change has a position; a segment that is not
 * after it gets the offset of before.
 */
export class SequenceAdjustment {
  #position = 0;
  #before = 0;
  #after = 0;

  /** The payload of the segment at `sequence` (as its sender counts) grew by `difference` bytes. */
  resize(sequence: number, difference: number): void {
    if (this.#before !== this.#after && !isAfter(sequence, this.#position)) return;
    this.#position = sequence;
    this.#before = this.#after;
    this.#after += difference;
  }

  /** The sequence number as the receiver counts. */
  sequence(sequence: number): number {
    return (sequence + (isAfter(sequence, this.#position) ? this.#after : this.#before)) >>> 0;
  }

  /** What the receiver acknowledges, as the sender counts. */
  acknowledgement(acknowledgement: number): number {
    const later = isAfter(acknowledgement - this.#before, this.#position);
    return (acknowledgement - (later ? this.#after : this.#before)) >>> 0;
  }

  /** Whether any number changes at all. */
  get isActive(): boolean {
    return this.#before !== 0 || this.#after !== 0;
  }
}
