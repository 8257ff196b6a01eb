import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeCapture } from '../../conformance/captures/write-capture.ts';
import type { Run, RunResult } from '../../conformance/harness/run.ts';
import { loadsBy } from './loads.ts';
import { directRoute, mergedCapture, type Sent } from './merged-capture.ts';
import { runOf } from './verdicts.ts';

/** Of the differing frame: as it arrived at the server, and as it arrived in the capture that it is compared with. */
export const DIFFERING = { left: 5, right: 5 } as const;

const digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** A run of one case in containers, and its captures in a folder: two directors that forward with different TTLs, and one of which a frame is lost. */
export function runInContainers(folder: string): Run {
  const capture = (target: string, sent: readonly Sent[]): Partial<RunResult> => {
    const path = `captures/${target}/vs-dr/http.pcapng`;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeCapture(join(folder, path), mergedCapture(sent, 'Frames left out: 12 of the middle of long transfers.'));
    return {
      capture: path,
      loads: loadsBy('direct-route'),
      checks: [{ frames: 0, time: 0.25, what: 'sha256 of /a', required: digest, actual: digest }],
    };
  };
  const run = runOf({
    'docker-reference': { 'vs-dr/http': capture('docker-reference', directRoute()) },
    'docker-kernel-6.1': {
      'vs-dr/http': {
        ...capture(
          'docker-kernel-6.1',
          directRoute().map((sent, index) => (index === 4 ? { ...sent, arrives: [] } : sent)),
        ),
        verdict: 'fail',
        reason: 'the answer did not come',
        firstDifference: {
          frame: 2,
          ...DIFFERING,
          layer: '1 ip',
          field: 'ttl',
          offset: 22,
          expected: '63',
          observed: '62',
        },
      },
    },
  });
  return { ...run, tool: { ...run.tool, command: 'npm run containers' } };
}
