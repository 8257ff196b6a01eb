import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Capture } from '../../conformance/captures/capture.ts';
import { readCapture } from '../../conformance/captures/read-capture.ts';
import { payload, tcp } from '../../reference/wire/layer.ts';
import { reply, request, type Contents } from '../captures/testing/journey.ts';
import { seenIn, type Sighting } from '../captures/testing/seen.ts';
import type { DirectorKind } from '../directors/director-kind.ts';
import { referenceKind } from '../directors/reference-kind.ts';
import { scenarios } from '../scenarios/index.ts';
import { vsNat } from '../topologies/vs-nat.ts';
import { casesOf } from './container-case.ts';
import { resultsOfCase } from './results-of-case.ts';
import type { ScenarioOutcome } from './run-scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'results-of-case-'));
afterAll(() => rmSync(folder, { recursive: true }));

const other: DirectorKind = { ...referenceKind, id: 'docker-other' };
const [theCase] = casesOf(
  [vsNat],
  scenarios.filter(({ recorded, mayDiffer }) => recorded !== false && mayDiffer === undefined),
);

const segment =
  (flags: string, sequence: number, data = ''): Contents =>
  (sourcePort, destinationPort) => [
    tcp({ sourcePort, destinationPort, flags, sequence }),
    ...(data === '' ? [] : [payload(data)]),
  ];

/** A long upload, in the middle of which the director sends one segment with another TTL. */
function upload(ttl: number): Capture {
  const who = { clientPort: 40001, virtualPort: 80 };
  const middle = request(vsNat, who, segment('A', 300, 'x')).map(([place, direction, layers]): Sighting => [
    place,
    direction,
    layers.map((layer) =>
      layer.kind === 'ip' && place !== 'client1/eth0' && layer.ttl === 62 ? { ...layer, ttl } : layer,
    ),
  ]);
  return seenIn(vsNat, [
    ...request(vsNat, who, segment('S', 1)),
    ...reply(vsNat, who, segment('AS', 1)),
    ...Array.from({ length: 298 }, (_, index) => request(vsNat, who, segment('A', 2 + index, 'x'))).flat(),
    ...middle,
    ...Array.from({ length: 200 }, (_, index) => request(vsNat, who, segment('A', 301 + index, 'x'))).flat(),
  ]);
}

const outcome = (capture: Capture, rules: readonly string[] | null = null): ScenarioOutcome => ({
  verdict: 'pass',
  reason: '',
  durationMs: 1,
  checks: [],
  loads: [],
  capture,
  rules,
});

describe('the results of a case', () => {
  test('name the frame that differs by its place in the captures that are kept, however much these leave out', () => {
    if (theCase === undefined) throw new Error('there is no scenario');
    const outcomes = new Map([
      [referenceKind, outcome(upload(62))],
      [other, outcome(upload(61))],
    ]);
    const result = resultsOfCase(theCase, outcomes, folder).find(({ target }) => target === other.id);
    expect(result).toMatchObject({ verdict: 'fail', capture: `captures/docker-other/${theCase.id}.pcapng` });
    const kept = readCapture(join(folder, result?.capture ?? '')).frames;
    expect(kept.length).toBeLessThan(100);
    const frame = kept[result?.firstDifference?.right ?? -1]?.bytes ?? new Uint8Array();
    // Behind 14 bytes of Ethernet and 20 of IP: the sequence number; byte 8 of the IP header is TTL.
    expect(new DataView(frame.buffer, frame.byteOffset).getUint32(38)).toBe(300);
    expect(frame[22]).toBe(61);
  });

  test('tell what one director sent beside what the reference makes of the same frames, where the rules stayed the same', () => {
    if (theCase === undefined) throw new Error('there is no scenario');
    const rules = ['-A -t 10.2.0.100:80 -s rr', '-a -t 10.2.0.100:80 -r 10.3.0.11:80 -m'];
    const judged = (ttl: number, steady: readonly string[] | null) =>
      resultsOfCase(theCase, new Map([[other, outcome(upload(ttl), steady)]]), folder)[0];
    expect(judged(62, rules)).toMatchObject({ verdict: 'pass', checks: [{ actual: '0' }] });
    expect(judged(61, rules)).toMatchObject({
      verdict: 'pass',
      checks: [{ actual: '1; the first: 62 from the reference, 61 from the director' }],
    });
    expect(judged(61, null)).toMatchObject({ verdict: 'pass', checks: [] });
  });
});
