import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { Capture } from '../../conformance/captures/capture.ts';
import { arp, ip, tcp } from '../../reference/wire/layer.ts';
import {
  CLIENT,
  directRoute,
  mergedCapture,
  VIRTUAL,
  type InterfaceName,
  type Sent,
} from '../testing/merged-capture.ts';
import type { Ladder } from './ladder.ts';
import { machineLadder } from './machine-ladder.ts';
import { passagesOf } from '../../conformance/captures/passages-of.ts';
import { tapsOf } from '../../conformance/captures/taps-of.ts';

function ladderOf(capture: Capture): Ladder {
  const taps = tapsOf(capture) ?? [];
  return machineLadder(capture, taps, passagesOf(capture, taps));
}

/** `client1 > router request`, an arrow a text. */
function told({ arrows, lanes }: Ladder): string[] {
  const name = (lane: number): string => lanes[lane]?.name ?? '?';
  return arrows.map(
    ({ from, to, alsoTo, mark }) => `${name(from)} > ${[to, ...alsoTo].map(name).sort().join('+')} ${mark}`,
  );
}

const [syn] = directRoute();
if (syn === undefined) throw new Error('the conversation is empty');

describe('the ladder of machines', () => {
  test('has a lane a machine in the order of its interfaces, with all its addresses', () => {
    expect(ladderOf(mergedCapture(directRoute())).lanes).toEqual([
      { name: 'client1', detail: '10.1.0.11', isDirector: false },
      { name: 'router', detail: '10.1.0.1\n10.2.0.1', isDirector: false },
      { name: 'director', detail: '10.2.0.2', isDirector: true },
      { name: 'server1', detail: '10.2.0.11', isDirector: false },
    ]);
  });

  test('shows the triangle of VS/DR: requests by way of the director, answers past it (paper P32)', () => {
    expect(told(ladderOf(mergedCapture(directRoute())))).toEqual([
      'client1 > router request',
      'router > director request',
      'director > server1 request',
      'server1 > router answer',
      'router > client1 answer',
    ]);
  });

  test('tells a request by what the tunnel carries (paper P22)', () => {
    const wrapped: Sent = {
      from: 'director/eth0',
      to: 'server1/eth0',
      at: 2,
      layers: [
        ip({ source: '10.2.0.2', destination: '10.2.0.11' }),
        ip({ source: CLIENT, destination: VIRTUAL }),
        tcp({ flags: 'S' }),
      ],
    };
    expect(told(ladderOf(mergedCapture([syn, wrapped]))).at(-1)).toBe('director > server1 request');
  });

  test('gives a frame the numbers that Wireshark has for it, as it was sent and as it arrived', () => {
    const { arrows } = ladderOf(mergedCapture(directRoute()));
    expect(arrows.map(({ number, arrivals }) => [number, arrivals])).toEqual([
      [1, [2]],
      [3, [4]],
      [5, [6]],
      [7, [8]],
      [9, [10]],
    ]);
  });

  test('marks as lost what did not arrive, though the same was sent again and did', () => {
    const ladder = ladderOf(mergedCapture([{ ...syn, arrives: [] }, { ...syn, at: 1000 }, ...directRoute().slice(1)]));
    expect(told(ladder).slice(0, 1)).toEqual(['client1 > router lost']);
    expect(ladder.arrows.filter(({ mark }) => mark === 'lost')).toHaveLength(1);
  });

  test('marks what arrives a second time without being sent again', () => {
    const twice = mergedCapture([syn, { ...syn, at: 5, isSeenSent: false }, ...directRoute().slice(1)]);
    expect(told(ladderOf(twice)).filter((text) => text.endsWith('unsent'))).toEqual(['client1 > router unsent']);
  });

  test('does not name a sender that was never seen to send', () => {
    const [, , forwarded] = directRoute();
    const capture = mergedCapture([syn, { ...(forwarded ?? syn), isSeenSent: false }]);
    expect(ladderOf(capture).arrows.at(-1)).toMatchObject({ from: 2.5, to: 3, mark: 'unsent' });
  });

  test('leads a frame for all to each that got it', () => {
    const question: Sent = {
      from: 'router/eth1',
      to: 'all',
      at: 0.5,
      layers: [arp({ operation: 1, senderAddress: '10.2.0.1', targetAddress: VIRTUAL })],
      arrives: ['director/eth0', 'server1/eth0'],
    };
    expect(told(ladderOf(mergedCapture([...directRoute(), question])))).toContain('router > director+server1 other');
  });

  test('takes no notice of what a switch delivers to everybody and is for one', () => {
    const [, , , answer] = directRoute();
    const flooded = { ...(answer ?? syn), arrives: ['director/eth0', 'router/eth1'] as const };
    expect(told(ladderOf(mergedCapture([...directRoute().slice(0, 3), flooded])))).toEqual([
      'client1 > router request',
      'router > director request',
      'director > server1 request',
      'server1 > router answer',
    ]);
  });

  test('keeps what the capture says of a frame', () => {
    expect(ladderOf(mergedCapture([{ ...syn, comment: '7 frames left out' }])).arrows[0]?.note).toBe(
      '7 frames left out',
    );
  });

  test("is not drawn of a director's own ports, nor of a capture that does not say who sent", () => {
    const capture = mergedCapture(directRoute());
    expect(tapsOf({ ...capture, interfaces: capture.interfaces.map(() => ({ name: 'eth0', snaplen: 0 })) })).toBeNull();
    const silent = capture.frames.map((frame) => ({ ...frame, direction: undefined }));
    expect(tapsOf({ ...capture, frames: silent })).toBeNull();
    expect(tapsOf({ interfaces: [], frames: [] })).toBeNull();
  });
});

const receivers: readonly InterfaceName[] = ['router/eth0', 'director/eth0', 'server1/eth0'];

describe('frames on their way', () => {
  test.prop([
    fc.array(
      fc.record({
        to: fc.constantFrom<InterfaceName | 'all'>(...receivers, 'all'),
        at: fc.nat(20),
        arrives: fc.subarray([...receivers]),
        isSeenSent: fc.boolean(),
      }),
      { maxLength: 12 },
    ),
  ])('each that was sent is one, and each arrival belongs to one that was sent no later, or to none', (choices) => {
    // Every interface speaks once, so that all MAC addresses are known.
    const known = directRoute();
    const capture = mergedCapture([
      ...known,
      ...choices.map(({ to, arrives, ...rest }): Sent => {
        const own = to === 'all' ? arrives : arrives.filter((name) => name === to);
        return { ...rest, to, arrives: own, from: 'client1/eth0', layers: syn.layers };
      }),
    ]);
    const passages = passagesOf(capture, tapsOf(capture) ?? []);
    const indexes = passages.flatMap(({ sent, arrived }) => [sent ?? [], arrived].flat());
    expect(indexes.sort((one, other) => one - other)).toEqual(capture.frames.map((_, index) => index));
    for (const { sent, arrived } of passages) {
      const places = arrived.map((index) => capture.frames[index]?.interface);
      expect(new Set(places).size).toBe(places.length);
      const left = sent === null ? undefined : capture.frames[sent];
      for (const index of arrived) {
        const came = capture.frames[index];
        expect(came?.direction).toBe('in');
        if (left !== undefined) {
          expect(came?.bytes).toEqual(left.bytes);
          expect(left.timeNs <= (came?.timeNs ?? -1n)).toBe(true);
        }
      }
      if (sent === null) expect(arrived).toHaveLength(1);
    }
  });
});
