/** A capture in memory: what a pcap or pcapng file says, whichever of the two it was. */
export interface Capture {
  /** The ports that frames were seen on. A classic pcap file has one, without a name. */
  readonly interfaces: readonly CaptureInterface[];
  readonly frames: readonly CapturedFrame[];
  /**
   * What the file says about itself (pcapng section header; of several sections, the first). Classic pcap cannot hold
   * any of it.
   */
  readonly comment?: string | undefined;
  readonly hardware?: string | undefined;
  readonly operatingSystem?: string | undefined;
  readonly application?: string | undefined;
}

/** Every interface is Ethernet: other link types are refused when read. */
export interface CaptureInterface {
  /** Empty where the file gives none. */
  readonly name: string;
  /** The most bytes kept of a frame; 0 is no limit. */
  readonly snaplen: number;
}

export interface CapturedFrame {
  /**
   * Nanoseconds since 1970-01-01 UTC: exact for µs and ns files; finer stamps of pcapng are cut to whole nanoseconds.
   */
  readonly timeNs: bigint;
  /** Index into the capture's interfaces. */
  readonly interface: number;
  /** As the owner of the interface sees it: `in` was received, `out` was sent. Absent where the file does not say. */
  readonly direction?: 'in' | 'out' | undefined;
  /** The bytes kept, from the destination MAC address on. Frames read from a file share its memory. */
  readonly bytes: Uint8Array;
  /** Bytes of the frame on the wire: `bytes.length` or more. */
  readonly originalLength: number;
  readonly comment?: string | undefined;
}
