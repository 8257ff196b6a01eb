/** The frames of a case as arrows between vertical lanes, as they are drawn. */
export interface Ladder {
  /** From left to right: hosts on the client side, the director, hosts on the server side; or the machines of a merged capture. */
  readonly lanes: readonly Lane[];
  readonly arrows: readonly Arrow[];
  /** Whether its lanes are machines, and not a director and what it speaks to. */
  readonly isMerged: boolean;
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
  /** Numbers of the same frame where it arrived, in a capture that was merged from those of several machines. */
  readonly arrivals: readonly number[];
  /** Seconds since the first frame. */
  readonly time: number;
  /** Indexes of lanes; between two where nobody knows who sent. */
  readonly from: number;
  readonly to: number;
  /** Others that got the same frame. */
  readonly alsoTo: readonly number[];
  /** The frame in one line. */
  readonly text: string;
  readonly mark: Mark;
  /** What the capture says of the frame; empty where it says nothing. */
  readonly note: string;
}

export const MARKS = [
  'stimulus',
  'expected',
  'unexpected',
  'unjudged',
  'request',
  'answer',
  'other',
  'lost',
  'unsent',
] as const;
/**
 * Around one director: `stimulus` was sent to it; of what it sent, the case judged `expected` or `unexpected` or not at all. Between
 * machines: a packet from a client (`request`), to one (`answer`), or another frame; one that did not arrive (`lost`), or that arrived and
 * was not seen to be sent.
 */
export type Mark = (typeof MARKS)[number];
