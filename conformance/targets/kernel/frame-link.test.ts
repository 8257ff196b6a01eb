import { fc, test } from '@fast-check/vitest';
import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import { InternalFault } from '../../../reference/errors.ts';
import { ARP_OPERATION } from '../../../reference/wire/arp.ts';
import { buildPacket } from '../../../reference/wire/build-packet.ts';
import { dissect } from '../../../reference/wire/dissect.ts';
import { arp, ethernet } from '../../../reference/wire/layer.ts';
import { barrierAnswer } from './barrier.ts';
import { FrameLink } from './frame-link.ts';

const MAC = '02:00:00:00:01:01';
const ADDRESS = '10.0.0.1';

/** What Linux gives a socket where nobody changed `net.core.rmem_default`. */
const DEFAULT_RECEIVE_BUFFER = 212_992;

/** Stands for the guest: keeps frames until told to work, and answers address probes as RFC 5227 has it. */
class FakeDirector {
  receiver: ((frame: Uint8Array) => void) | null = null;
  readonly waiting: Uint8Array[] = [];
  readonly handled: Uint8Array[] = [];
  most = 0;
  #now = 0;

  send(frame: Uint8Array): void {
    this.waiting.push(frame);
    // An allocation is at least the data; Linux rounds it up to a power of two and adds some hundred bytes.
    this.#now += frame.length + 512;
    this.most = Math.max(this.most, this.#now);
  }

  work(count = Infinity): void {
    for (let done = 0; done < count; done++) {
      const frame = this.waiting.shift();
      if (frame === undefined) return;
      this.#now -= frame.length + 512;
      const [, question] = dissect(frame);
      if (question?.layer.kind === 'arp' && question.layer.operation === ARP_OPERATION.request) {
        const { senderMac = '', senderAddress = '', targetAddress = '' } = question.layer;
        this.receiver?.(
          buildPacket([
            ethernet({ destination: senderMac, source: MAC }),
            arp({
              operation: 2,
              senderMac: MAC,
              senderAddress: targetAddress,
              targetMac: senderMac,
              targetAddress: senderAddress,
            }),
          ]),
        );
      } else {
        this.handled.push(frame);
      }
    }
  }
}

const frames = fc.array(fc.integer({ min: 60, max: 9014 }), { maxLength: 400 });

describe('a link to a director', () => {
  test.prop([frames, fc.integer({ min: 1, max: 20 })])(
    'delivers every frame in order, never has more under way than a socket holds, and is settled after all of them',
    async (sizes, speed) => {
      const director = new FakeDirector();
      const link = new FrameLink(director, MAC, ADDRESS);
      const sent = sizes.map((size) => new Uint8Array(size));
      for (const frame of sent) link.send(frame);
      let isSettled = false;
      const passing = link.pass().then(() => {
        isSettled = true;
        expect(director.handled.length).toBe(sent.length);
        expect(director.handled.every((frame, index) => frame === sent[index])).toBe(true);
      });
      while (director.waiting.length > 0) {
        expect(isSettled).toBe(false);
        director.work(speed);
      }
      await passing;
      expect(director.most).toBeLessThan(DEFAULT_RECEIVE_BUFFER);
    },
  );

  test('takes a frame larger than the window by itself', async () => {
    const director = new FakeDirector();
    const link = new FrameLink(director, MAC, ADDRESS);
    for (const size of [100, 60_000, 100]) link.send(new Uint8Array(size));
    const passing = link.pass();
    while (director.waiting.length > 0) director.work(1);
    await passing;
    expect(director.handled.map(({ length }) => length)).toEqual([100, 60_000, 100]);
  });

  test('shows its receiver all frames but the answers to barriers, and after close() none', async () => {
    const director = new FakeDirector();
    const link = new FrameLink(director, MAC, ADDRESS);
    const seen: Uint8Array[] = [];
    link.receiver = (frame) => seen.push(frame);
    const passing = link.pass();
    const reply = buildPacket([
      ethernet({ destination: '02:00:00:00:00:02', source: MAC }),
      arp({ operation: 2, senderMac: MAC }),
    ]);
    director.receiver?.(reply);
    director.work();
    await passing;
    expect(seen).toEqual([reply]);
    link.close();
    expect(director.receiver).toBeNull();
  });

  test('knows whether anything was sent since it was settled', async () => {
    const director = new FakeDirector();
    const link = new FrameLink(director, MAC, ADDRESS);
    expect(link.isDirty).toBe(false);
    link.send(new Uint8Array(60));
    expect(link.isDirty).toBe(true);
    const passing = link.pass();
    director.work();
    await passing;
    expect(link.isDirty).toBe(false);
  });

  describe('to a director that does not answer', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    test('gives up in time, as our own fault, and stays given up', async () => {
      const link = new FrameLink(new FakeDirector(), MAC, ADDRESS);
      const failure = expect(link.pass()).rejects.toThrow('did not answer a barrier within 5 s');
      await vi.advanceTimersByTimeAsync(5000);
      await failure;
      await expect(link.pass()).rejects.toBeInstanceOf(InternalFault);
      expect(vi.getTimerCount()).toBe(0);
    });

    test('fails at once when the guest is known to be lost', async () => {
      const link = new FrameLink(new FakeDirector(), MAC, ADDRESS);
      const failure = expect(link.pass()).rejects.toThrow('gone');
      link.fail(new InternalFault('gone'));
      await failure;
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});

describe('the answer to a barrier', () => {
  test.prop([fc.uint8Array({ maxLength: 100 })])('is not seen in any other bytes', (bytes) => {
    expect(barrierAnswer(bytes)).toBeNull();
  });
});
