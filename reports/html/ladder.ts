/** The frames of a case as arrows between vertical lanes, as they are drawn. */
export interface Ladder {
  /** From left to right: hosts on the client side, the director, hosts on the server side. */
  readonly lanes: readonly Lane[];
  readonly arrows: readonly Arrow[];
}

export interface Lane {
  readonly name: string;
  /** What the name does not say: a MAC or IP address. */
  readonly detail: string;
  readonly isDirector: boolean;
}

export interface Arrow {
  /** Frame number in the capture, from 1 as Wireshark counts. */
  readonly number: number;
  /** Seconds since the first frame. */
  readonly time: number;
  /** Indexes of lanes. */
  readonly from: number;
  readonly to: number;
  /** The frame in one line. */
  readonly text: string;
  readonly mark: Mark;
  /** What the capture says of the frame; empty where it says nothing. */
  readonly note: string;
}

export const MARKS = ['stimulus', 'expected', 'unexpected', 'unjudged'] as const;
/** `stimulus` was sent to the director; of what it sent, the case judged `expected` or `unexpected` or not at all. */
export type Mark = (typeof MARKS)[number];
