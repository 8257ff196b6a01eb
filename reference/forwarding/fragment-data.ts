/** What a fragment's data is to the data that came before. */
export type Novelty = 'new' | 'known' | 'overlap';

/** The data of a datagram of which some fragments have come. Offsets and lengths in bytes. */
export class FragmentData {
  #data = new Uint8Array(0);
  /** 1 for each eight bytes of the data that are there. */
  #there = new Uint8Array(0);
  #count = 0;
  #end = 0;
  #isEndKnown = false;

  /** Bytes of memory it takes. */
  get size(): number {
    return this.#data.length + this.#there.length;
  }

  /** End of the furthest fragment; the datagram's own once the last is there. */
  get end(): number {
    return this.#end;
  }

  get isComplete(): boolean {
    return this.#isEndKnown && this.#count === Math.ceil(this.#end / 8);
  }

  get bytes(): Uint8Array {
    return this.#data.subarray(0, this.#end);
  }

  /** Whether a fragment that ends there cannot be true. */
  contradicts(to: number, isLast: boolean): boolean {
    if (this.#isEndKnown) return to > this.#end || (isLast && to !== this.#end);
    return isLast && to < this.#end;
  }

  /** A fragment ends there. */
  endsAt(to: number, isLast: boolean): void {
    this.#end = Math.max(this.#end, to);
    if (isLast) this.#isEndKnown = true;
  }

  /** Puts the data in its place, if none of it is there. */
  put(from: number, data: Uint8Array): Novelty {
    const firstEighth = from / 8;
    const lastEighth = Math.ceil((from + data.length) / 8);
    const known = this.#there.subarray(firstEighth, lastEighth).reduce((sum, there) => sum + there, 0);
    if (known > 0) return known === lastEighth - firstEighth ? 'known' : 'overlap';
    this.#makeRoom(from + data.length);
    this.#data.set(data, from);
    this.#there.fill(1, firstEighth, lastEighth);
    this.#count += lastEighth - firstEighth;
    return 'new';
  }

  #makeRoom(length: number): void {
    if (length <= this.#data.length) return;
    const capacity = Math.ceil(Math.max(length, this.#data.length * 2) / 8);
    const data = new Uint8Array(capacity * 8);
    const there = new Uint8Array(capacity);
    data.set(this.#data);
    there.set(this.#there);
    this.#data = data;
    this.#there = there;
  }
}
