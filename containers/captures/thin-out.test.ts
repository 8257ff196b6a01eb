import { describe, expect, test } from 'vitest';
import type { Capture } from '../../conformance/captures/capture.ts';
import { passagesOf } from '../../conformance/captures/passages-of.ts';
import { tapsOf } from '../../conformance/captures/taps-of.ts';
import { arp, ethernet, payload, tcp, udp } from '../../reference/wire/layer.ts';
import { buildPacket } from '../../reference/wire/packet.ts';
import { vsNat } from '../topologies/vs-nat.ts';
import { reply, request, type Contents } from './testing/journey.ts';
import { macAt, seenIn } from './testing/seen.ts';
import { thinOut } from './thin-out.ts';

const segment =
  (flags: string, sequence: number, data = ''): Contents =>
  (sourcePort, destinationPort) => [
    tcp({ sourcePort, destinationPort, flags, sequence }),
    ...(data === '' ? [] : [payload(data)]),
  ];

function download(length: number, virtualPort = 80): Capture {
  const who = { clientPort: 40001, virtualPort };
  return seenIn(vsNat, [
    ...request(vsNat, who, segment('S', 1)),
    ...reply(vsNat, who, segment('AS', 1)),
    ...Array.from({ length }, (_, index) => reply(vsNat, who, segment('A', 2 + index, 'x'))).flat(),
    ...reply(vsNat, who, segment('AF', 2 + length)),
  ]);
}

/** Frames at one place. */
function at({ interfaces, frames }: Capture, place: string): Capture['frames'] {
  return frames.filter((frame) => interfaces[frame.interface]?.name === place);
}

describe('a capture for readers', () => {
  test('has the beginning and the end of a long transfer at each interface, and says what is not there', () => {
    const capture = thinOut(download(1000), vsNat).capture;
    const frames = at(capture, 'client1/eth0').filter(({ direction }) => direction === 'in');
    const sequences = frames.map(({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(38));
    expect(sequences).toEqual([1, 2, 3, 4, 999, 1000, 1001, 1002]);
    expect(frames.map(({ comment }) => comment).filter(Boolean)).toEqual([
      '994 frames of this flow are left out before this one.',
    ]);
    expect(frames[4]?.comment).toBeDefined();
    expect(capture.comment).toBe('5964 of 6018 frames are left out here: the middle of long transfers.');
  });

  test('is the whole one where nothing is long', () => {
    const capture = download(6);
    expect(thinOut(capture, vsNat).capture).toBe(capture);
  });

  test('keeps every line of FTP', () => {
    const capture = download(1000, 21);
    expect(thinOut(capture, vsNat).capture).toBe(capture);
  });

  test('keeps a retransmission in the middle', () => {
    const who = { clientPort: 40001, virtualPort: 80 };
    const data = (index: number) => reply(vsNat, who, segment('A', 2 + index, 'x'));
    const sightings = [
      ...Array.from({ length: 50 }, (_, index) => data(index)).flat(),
      ...data(20),
      ...Array.from({ length: 50 }, (_, index) => data(50 + index)).flat(),
    ];
    const kept = at(thinOut(seenIn(vsNat, sightings), vsNat).capture, 'client1/eth0');
    expect(kept).toHaveLength(7);
  });

  test('keeps a frame at both ends of a cable or at neither: only what was lost looks lost', () => {
    const who = { clientPort: 40001, virtualPort: 80 };
    const data = (index: number) => reply(vsNat, who, segment('A', 2 + index, 'x'));
    const all = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => data(from + index)).flat();
    const lost = data(1).slice(0, -1);
    const whole = seenIn(vsNat, [
      // The client says something, so that its MAC address is known.
      ...request(vsNat, who, segment('S', 1)),
      ...data(0),
      ...lost,
      ...all(2, 40),
      ...data(1),
      ...all(40, 80),
    ]);
    const capture = thinOut(whole, vsNat).capture;
    expect(capture.frames.length).toBeLessThan(whole.frames.length / 2);
    const passages = passagesOf(capture, tapsOf(capture) ?? []);
    const halves = passages.filter(({ sent, arrived }) => sent === null || arrived.length === 0);
    const frames = halves.map(({ sent }) => capture.frames[sent ?? -1]);
    expect(frames.map((frame) => frame?.bytes)).toEqual(
      [lost.at(-1)].map((sighting) => buildPacket(sighting?.[2] ?? [])),
    );
  });

  test('has the first and the last of many flows alike, and says how many there were', () => {
    const flows = Array.from({ length: 100 }, (_, index) =>
      request(vsNat, { clientPort: 40001 + index, virtualPort: 53 }, (sourcePort, destinationPort) => [
        udp({ sourcePort, destinationPort }),
      ]),
    );
    const capture = thinOut(seenIn(vsNat, flows.flat()), vsNat).capture;
    const ports = at(capture, 'client1/eth0').map(({ bytes }) => new DataView(bytes.buffer).getUint16(34));
    expect(ports).toEqual([40001, 40002, 40003, 40098, 40099, 40100]);
    expect(capture.comment).toContain('and 94 of 100 flows, whole');
  });

  test('keeps a frame that is spoken of, at both ends of its cable, and says where it is now', () => {
    const whole = download(1000);
    const plain = thinOut(whole, vsNat);
    const spoken = whole.frames.findIndex((_, index) => index > 2000 && plain.placeOf(index) === undefined);
    const { capture, placeOf } = thinOut(whole, vsNat, [spoken]);
    expect(capture.frames[placeOf(spoken) ?? -1]?.bytes).toBe(whole.frames[spoken]?.bytes);
    expect(capture.frames).toHaveLength(plain.capture.frames.length + 2);
    expect(placeOf(0)).toBe(0);
  });

  test('keeps what belongs to no flow', () => {
    const question = [
      ethernet({ source: macAt(vsNat, 'router/eth1'), destination: 'ff:ff:ff:ff:ff:ff' }),
      arp({ operation: 1, targetAddress: '10.2.0.100' }),
    ];
    const capture = seenIn(
      vsNat,
      Array.from({ length: 40 }, () => ['director/eth0', 'in', question] as const),
    );
    expect(thinOut(capture, vsNat).capture).toBe(capture);
  });
});
