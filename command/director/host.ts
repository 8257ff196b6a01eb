/** What the director needs of the operating system. The real one is `linux-host.ts`; tests have one in memory. */
export interface Host {
  /** Milliseconds of a clock that never steps back. */
  now(): number;
  /** @throws MalformedInput for an interface that there is not, or that carries no Ethernet frames */
  describe(name: string): InterfaceFacts;
  /** Addresses with prefix lengths that the kernel answers for, by interface. */
  addresses(): ReadonlyMap<string, readonly string[]>;
  /** @throws UnsupportedFeature without the right to do so */
  open(name: string, options: LinkOptions): FrameLink;
  /** Resolves when a frame has arrived on one of the links opened, when {@link wake} is called, or after `milliseconds` (Infinity: never). */
  wait(milliseconds: number): Promise<void>;
  wake(): void;
  close(): void;
}

export interface InterfaceFacts {
  readonly mac: string;
  /** Bytes. */
  readonly mtu: number;
  readonly isUp: boolean;
}

export interface LinkOptions {
  /** Whether frames to other MAC addresses than the interface's own are taken too. */
  readonly promiscuous: boolean;
  /** Gets a line when the interface goes down. */
  readonly warn: (line: string) => void;
}

/** One Ethernet interface: whole frames, from the destination MAC to the end of the payload. */
export interface FrameLink {
  readonly name: string;
  readonly counters: LinkCounters;
  /** Hands over what has arrived, a batch at most, and returns the number of frames. A frame is valid during its call only. */
  receive(deliver: (frame: Uint8Array, unfinished: Unfinished | undefined) => void): number;
  /** Takes a copy of the frame. It leaves with the next {@link flush}, or before. */
  send(frame: Uint8Array): void;
  flush(): void;
}

/** Frames since the link was opened. */
export interface LinkCounters {
  readonly received: number;
  readonly sent: number;
  /** They came and were of no use: of a VLAN, cut short, or more than the socket's queue holds. */
  readonly notReceived: number;
  /** The interface did not take them. */
  readonly notSent: number;
}

/**
 * What the sender left for hardware that a virtual wire has not (kernel `struct virtio_net_hdr`). On a virtual interface such frames are
 * the rule; and where an interface merges what it receives (GRO), such frames come from a real wire, too.
 */
export interface Unfinished {
  /** Where the checksum's bytes begin, and where in them it belongs; undefined where it is whole. */
  readonly checksum: { readonly start: number; readonly offset: number } | undefined;
  /** Bytes of payload in each of the segments that the frame stands for; 0 where it is one frame. */
  readonly segmentSize: number;
}
