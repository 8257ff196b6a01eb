import { finishFrame } from '../../command/director/finish-frame.ts';
import type { FrameLink, Host } from '../../command/director/host.ts';
import type { Impairment } from '../lab/link.ts';
import { BadCable } from './bad-cable.ts';
import { bearsTraffic } from './bears-traffic.ts';

/** Batches taken from one link before the other, and what is held back, have their turn. */
const MOST_BATCHES = 16;

interface Direction {
  readonly from: FrameLink;
  readonly to: FrameLink;
  readonly cable: BadCable;
}

/** Forwards the frames of two interfaces to each other, as a bad cable would. */
export class Relay {
  readonly #host: Host;
  readonly #directions: readonly Direction[];

  /** @param links the machine's end and the switch's */
  constructor(host: Host, [machine, bridge]: readonly [FrameLink, FrameLink], impairment: Impairment) {
    this.#host = host;
    // A seed for each direction: what one end sends changes nothing about what befalls the other's frames.
    const cable = (direction: number): BadCable =>
      new BadCable({ ...impairment, seed: 2 * impairment.seed + direction });
    this.#directions = [
      { from: machine, to: bridge, cable: cable(0) },
      { from: bridge, to: machine, cable: cable(1) },
    ];
  }

  /** Waits for a frame, for one held back to be due or for a call of the host's `wake`, and forwards what is there. */
  async step(): Promise<void> {
    const due = Math.min(...this.#directions.map(({ cable }) => cable.nextDue));
    await this.#host.wait(due - this.#host.now());
    for (const direction of this.#directions) this.#forward(direction);
  }

  #forward({ from, to, cable }: Direction): void {
    const now = this.#host.now();
    const send = (frame: Uint8Array): void => to.send(frame);
    const enter = (frame: Uint8Array): void => {
      if (bearsTraffic(frame)) cable.enter(frame, now, send);
      else send(frame);
    };
    const receive = (): number =>
      from.receive((frame, unfinished) => {
        if (unfinished === undefined) enter(frame);
        else finishFrame(frame, unfinished, enter);
      });
    cable.release(now, send);
    for (let batch = 0; batch < MOST_BATCHES && receive() > 0; batch++);
    to.flush();
  }
}
