/** Buckets of a table of fixed size, and of the largest one (`CONFIG_IP_VS_TAB_BITS`). */
const LARGEST = 4096;
const SMALLEST = 256;
/** A table that grows has so many times the room that its connections need, in a network namespace other than the first. */
const ROOM = 4;

/** The buckets of the connection table that listings name: always the same, or as many as there are connections for. */
export class ConnectionTableSize {
  readonly #grows: boolean;
  #size = 0;

  constructor(kind: 'fixed' | 'grows') {
    this.#grows = kind === 'grows';
  }

  /**
   * As of now; to be asked whenever it is shown. A table that grows is made with the first service, and shrinks when it has sixteen times
   * the buckets that are wanted, to twice those (kernel `ip_vs_core.c:ip_vs_rht_desired_size`): a peak that nobody saw is not remembered.
   */
  now(services: number, connections: number): number {
    if (!this.#grows) return LARGEST;
    if (this.#size === 0 && services === 0) return 0;
    const wanted = 2 ** Math.ceil(Math.log2(Math.max(connections, 1))) * ROOM;
    if (this.#size === 0 || wanted > this.#size) this.#size = within(wanted);
    else if (wanted <= this.#size / 16) this.#size = within(wanted * 2);
    return this.#size;
  }
}

function within(size: number): number {
  return Math.min(Math.max(size, SMALLEST), LARGEST);
}
