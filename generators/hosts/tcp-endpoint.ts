import type { Clock, Task } from '../../reference/clock.ts';
import type { TcpFields } from '../../reference/wire/layer.ts';
import { largestSegmentOf, largestSegmentOption } from './tcp-options.ts';
import { TCP_TRANSITIONS, type TcpEvent, type TcpState } from './tcp-transitions.ts';

/** RFC 9293 §3.7.1: who says nothing takes segments of so many bytes. */
const DEFAULT_LARGEST_SEGMENT = 536;
/** Who asks for less, or for nothing, gets so many all the same (Linux: `TCP_MIN_SND_MSS`). */
const SMALLEST_SEGMENT = 48;
/** Milliseconds before the first retransmission (RFC 6298 §2.1); each one doubles it (§5.5). */
const FIRST_TIMEOUT = 1000;
/** Retransmissions of the same bytes; then the other end is taken for gone (RFC 9293 §3.8.3). */
const RETRANSMISSIONS = 8;
/** Milliseconds: twice the maximum segment lifetime, as Linux has it (`TCP_TIMEWAIT_LEN`). */
const TIME_WAIT = 60_000;
/** Segments under way at once (RFC 6928 §2); without congestion control it stays at that. */
const INITIAL_WINDOW = 10;
const WINDOW = 65535;
/** Segments kept before their turn: as many full ones as the window has room for. */
const MOST_EARLY = 48;

/** A segment: the header's fields and its data. */
export interface Segment {
  readonly fields: TcpFields;
  readonly data: Uint8Array;
}

export interface TcpEndpointOptions {
  readonly clock: Clock;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly initialSequence: number;
  /** Bytes of data in the largest segment that this end can receive: announced to the other. */
  readonly largestSegment: number;
  readonly send: (segment: Segment) => void;
  /** Data of the other end, in order, each byte once. */
  readonly received: (data: Uint8Array) => void;
  /** The other end has sent everything. */
  readonly ended: () => void;
}

/**
 * One end of a TCP connection (RFC 9293): handshake, data both ways, retransmission, close. No window scaling, no selective
 * acknowledgement, no congestion control: enough to serve, and nothing that hides a fault.
 *
 * Sequence numbers are kept as places in a stream that begins with the SYN, 0, and ends with the FIN.
 */
export class TcpEndpoint {
  readonly #options: TcpEndpointOptions;
  #state: TcpState;
  #outgoing = new Uint8Array(0);
  #isClosing = false;
  /** Place of the first byte that the other end has not acknowledged, of the next to send, and behind the furthest ever sent. */
  #unacknowledged = 0;
  #next = 0;
  #furthest = 0;
  #peerWindow = WINDOW;
  #segmentLimit = DEFAULT_LARGEST_SEGMENT;
  /** Sequence number that is to come next. */
  #expected = 0;
  /** Segments that came before their turn. */
  #early: Segment[] = [];
  #timer: Task | undefined;
  #retransmissions = 0;
  #owesAcknowledgement = false;

  private constructor(options: TcpEndpointOptions, state: TcpState) {
    this.#options = options;
    this.#state = state;
  }

  /** Opens a connection: sends the SYN. */
  static connect(options: TcpEndpointOptions): TcpEndpoint {
    const endpoint = new TcpEndpoint(options, 'syn-sent');
    endpoint.#transmit();
    return endpoint;
  }

  /** Accepts the connection that this SYN opens. */
  static accept(options: TcpEndpointOptions, syn: Segment): TcpEndpoint {
    const endpoint = new TcpEndpoint(options, 'syn-received');
    endpoint.#synchronize(syn);
    endpoint.#transmit();
    return endpoint;
  }

  get state(): TcpState {
    return this.#state;
  }

  /** Sends data once the other end is there, and as fast as it takes them. */
  write(data: Uint8Array): void {
    const outgoing = new Uint8Array(this.#outgoing.length + data.length);
    outgoing.set(this.#outgoing);
    outgoing.set(data, this.#outgoing.length);
    this.#outgoing = outgoing;
    this.#transmit();
  }

  /** Nothing more to send: the FIN goes behind the last data. */
  close(): void {
    this.#isClosing = true;
    if (this.#state === 'closed') return;
    this.#happens('close');
    this.#transmit();
  }

  /** A router on the path takes no larger packets: from now on segments are no larger, and what may be lost goes again (RFC 1191 §6.4). */
  limitSegments(size: number): void {
    if (size >= this.#segmentLimit) return;
    this.#segmentLimit = size;
    if (this.#unacknowledged > 0) this.#next = this.#unacknowledged;
    this.#transmit();
  }

  receive(segment: Segment): void {
    const { flags = '', sequence = 0, acknowledgement = 0 } = segment.fields;
    if (this.#state === 'closed') return;
    if (this.#state === 'syn-sent') {
      this.#answered(segment);
      return;
    }
    if (flags.includes('R')) {
      // RFC 9293 §3.5.3: only a reset that is exactly in place is believed.
      if (sequence === this.#expected) this.#end();
      return;
    }
    if (flags.includes('S')) {
      // The SYN again: our answer was lost. In any later state an acknowledgement says where we are (RFC 9293 §3.10.7.4).
      if (this.#state === 'syn-received') this.#next = 0;
      this.#owesAcknowledgement = true;
    } else if (flags.includes('A')) {
      this.#acknowledged(acknowledgement, segment.fields.window ?? 0);
      this.#take(segment);
    }
    this.#transmit();
  }

  /** In SYN-SENT only the answer to our SYN counts (RFC 9293 §3.10.7.3). */
  #answered(segment: Segment): void {
    const { flags = '', acknowledgement = 0 } = segment.fields;
    const isOurs = acknowledgement === (this.#options.initialSequence + 1) >>> 0;
    if (!flags.includes('A') || !isOurs) return;
    if (flags.includes('R')) {
      this.#end();
      return;
    }
    if (!flags.includes('S')) return;
    this.#synchronize(segment);
    this.#acknowledged(acknowledgement, segment.fields.window ?? 0);
    this.#owesAcknowledgement = true;
    this.#transmit();
  }

  #synchronize({ fields }: Segment): void {
    this.#expected = ((fields.sequence ?? 0) + 1) >>> 0;
    this.#peerWindow = fields.window ?? 0;
    const stated = largestSegmentOf(fields.options ?? '') ?? DEFAULT_LARGEST_SEGMENT;
    this.#segmentLimit = Math.min(Math.max(stated, SMALLEST_SEGMENT), this.#options.largestSegment);
  }

  #acknowledged(acknowledgement: number, window: number): void {
    const place = (acknowledgement - this.#options.initialSequence) >>> 0;
    if (place > this.#furthest) return;
    this.#peerWindow = window;
    if (place <= this.#unacknowledged) return;
    const isFirst = this.#unacknowledged === 0;
    this.#unacknowledged = place;
    this.#next = Math.max(this.#next, place);
    this.#retransmissions = 0;
    this.#stopTimer();
    if (isFirst) this.#happens('synchronized');
    if (this.#isClosing) this.#happens('close');
    if (this.#isClosing && place === this.#finalPlace) this.#happens('fin-acknowledged');
  }

  /** Data and FIN in their place; what comes before its turn waits for it (RFC 9293 §3.10.7.4). */
  #take(segment: Segment): void {
    if (lengthOf(segment) === 0) return;
    this.#owesAcknowledgement = true;
    if (this.#early.length < MOST_EARLY) this.#early.push(segment);
    for (let next = this.#takeInTurn(); next !== undefined; next = this.#takeInTurn()) {
      const { data, fields } = next;
      const known = (this.#expected - (fields.sequence ?? 0)) | 0;
      this.#expected = ((fields.sequence ?? 0) + data.length) >>> 0;
      if (known < data.length) this.#options.received(data.slice(known));
      if (fields.flags?.includes('F') !== true) continue;
      this.#expected = (this.#expected + 1) >>> 0;
      this.#owesAcknowledgement = true;
      this.#happens('fin-received');
      this.#options.ended();
    }
  }

  /** Of the segments that wait, one that has something new and nothing missing before it. Those that have nothing new are forgotten. */
  #takeInTurn(): Segment | undefined {
    if (!RECEIVING.has(this.#state)) return undefined;
    const missing = ({ fields }: Segment): number => ((fields.sequence ?? 0) - this.#expected) | 0;
    this.#early = this.#early.filter((segment) => missing(segment) + lengthOf(segment) > 0);
    const index = this.#early.findIndex((segment) => missing(segment) <= 0);
    return index < 0 ? undefined : this.#early.splice(index, 1)[0];
  }

  /** The place behind the FIN. */
  get #finalPlace(): number {
    return this.#outgoing.length + 2;
  }

  /** Sends what may be sent, and the acknowledgement that is owed where nothing carried it. */
  #transmit(): void {
    if (this.#state === 'closed') return;
    const isOpen = this.#unacknowledged > 0;
    const room = Math.min(this.#peerWindow, INITIAL_WINDOW * this.#segmentLimit);
    const last = !isOpen ? 1 : this.#isClosing ? this.#finalPlace : this.#outgoing.length + 1;
    // A closed window is tried with one segment each time that the timer runs out.
    const limit = Math.min(last, this.#unacknowledged + Math.max(room, Number(this.#retransmissions > 0)));
    while (this.#next < limit) this.#sendFrom(this.#next, limit);
    if (this.#owesAcknowledgement && isOpen) this.#send('A', this.#next, new Uint8Array(0));
    if (this.#unacknowledged < last) this.#timer ??= this.#startTimer();
  }

  #sendFrom(place: number, limit: number): void {
    if (place === 0) {
      this.#next = 1;
      this.#send(this.#state === 'syn-sent' ? 'S' : 'AS', 0, new Uint8Array(0));
      return;
    }
    const from = place - 1;
    const data = this.#outgoing.subarray(from, Math.min(from + this.#segmentLimit, limit - 1));
    const isLast = this.#isClosing && from + data.length === this.#outgoing.length;
    this.#next = place + data.length + Number(isLast);
    const push = from + data.length === this.#outgoing.length && data.length > 0 ? 'P' : '';
    this.#send(`A${push}${isLast ? 'F' : ''}`, place, data);
  }

  #send(flags: string, place: number, data: Uint8Array): void {
    const { initialSequence, sourcePort, destinationPort, largestSegment, send } = this.#options;
    this.#furthest = Math.max(this.#furthest, this.#next);
    this.#owesAcknowledgement = false;
    send({
      fields: {
        sourcePort,
        destinationPort,
        sequence: (initialSequence + place) >>> 0,
        acknowledgement: flags.includes('A') ? this.#expected : 0,
        flags,
        window: WINDOW,
        ...(flags.includes('S') ? { options: largestSegmentOption(largestSegment) } : {}),
      },
      data,
    });
  }

  #startTimer(): Task {
    return this.#options.clock.schedule(FIRST_TIMEOUT * 2 ** this.#retransmissions, () => {
      this.#timer = undefined;
      this.#retransmissions++;
      this.#next = this.#unacknowledged;
      if (this.#retransmissions > RETRANSMISSIONS) this.#end();
      else this.#transmit();
    });
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#options.clock.cancel(this.#timer);
    this.#timer = undefined;
  }

  #happens(event: TcpEvent): void {
    const next = TCP_TRANSITIONS[this.#state][event];
    if (next === undefined) return;
    this.#state = next;
    if (next === 'time-wait') this.#options.clock.schedule(TIME_WAIT, () => this.#end());
    if (next === 'closed') this.#stopTimer();
  }

  #end(): void {
    this.#state = 'closed';
    this.#stopTimer();
  }
}

/** Sequence numbers that a segment takes: its data and its FIN. */
const lengthOf = ({ fields, data }: Segment): number => data.length + Number(fields.flags?.includes('F') === true);

/** States in which the other end may still send (RFC 9293 §3.10.7.4, seventh and eighth step). */
const RECEIVING: ReadonlySet<TcpState> = new Set(['established', 'fin-wait-1', 'fin-wait-2']);
