import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeCapture } from '../../conformance/captures/write-capture.ts';
import { ethernet, ip, payload, udp } from '../../reference/wire/layer.ts';
import { buildPacket } from '../../reference/wire/packet.ts';
import { knownHosts } from '../html/known-hosts.ts';
import { writeHtml } from '../html/write-html.ts';
import { runWith } from './runs.ts';

/** A report with this text in every field that a case, a target or a frame can fill. */
export function writeHostileReport(folder: string, hostile: string): void {
  mkdirSync(join(folder, 'captures'), { recursive: true });
  const bytes = buildPacket([ethernet({}), ip({ source: '10.0.0.2' }), udp({}), payload(hostile)]);
  writeCapture(join(folder, 'captures/x.pcapng'), {
    interfaces: [{ name: hostile, snaplen: 0 }],
    frames: [
      {
        timeNs: 0n,
        interface: 0,
        direction: 'out',
        bytes,
        originalLength: bytes.length,
        comment: `expected: ${hostile}`,
      },
    ],
  });
  const base = runWith({
    verdict: 'fail',
    reason: hostile,
    deviations: [hostile],
    capture: 'captures/x.pcapng',
    firstDifference: {
      frame: 0,
      left: 0,
      right: 0,
      layer: hostile,
      field: hostile,
      expected: hostile,
      observed: hostile,
    },
    listings: [
      {
        frames: 1,
        time: 0,
        news: [{ protocol: 'TCP', client: hostile, virtual: hostile, state: hostile, expires: 1 }],
      },
    ],
    checks: [{ frames: 1, time: 0, what: `share of each server ${hostile}`, required: '[1,2]', actual: '[2,1]' }],
  });
  const text = {
    title: hostile,
    requirement: hostile,
    source: [hostile],
    tags: [hostile],
    needs: [hostile],
    id: `${hostile}/x`,
  };
  const target = { id: hostile, description: hostile, version: hostile, features: [hostile] };
  writeHtml(
    {
      ...base,
      tool: { ...base.tool, command: hostile, version: hostile },
      targets: [target],
      cases: base.cases.map((item) => ({ ...item, ...text })),
      results: base.results.map((item) => ({ ...item, case: text.id, target: hostile })),
    },
    folder,
    knownHosts(),
  );
}
