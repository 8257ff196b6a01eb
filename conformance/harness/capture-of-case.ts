import type { Capture, CapturedFrame } from '../captures/capture.ts';
import { describeTemplate } from './describe-template.ts';
import { environmentOfCase } from './environment-of-case.ts';
import { describeDifference } from './match-packet.ts';
import type { CaseOutcome } from './run-case.ts';
import { type AnyCase, isServerCase } from './server-case.ts';
import type { FrameRecord } from './wire-recorder.ts';

/** The frames as a capture keeps them; virtual time counts from 1970-01-01. */
export function capturedFrames(records: readonly FrameRecord[]): readonly CapturedFrame[] {
  return records.map(({ time, port, direction, bytes }) => ({
    timeNs: BigInt(time) * 1000n,
    interface: port,
    direction,
    bytes,
    originalLength: bytes.length,
  }));
}

/** A pcapng comment holds 65,535 bytes of UTF-8. */
const LONGEST_REASON = 16_000;

/** All that a case showed on the wire, with what was expected of each frame as its comment. */
export function captureOfCase(theCase: AnyCase, targetId: string, outcome: CaseOutcome): Capture {
  const frames = capturedFrames(outcome.records).map((frame, index) => ({
    ...frame,
    comment: commentOf(outcome.records[index]),
  }));
  const comment = [
    `case: ${theCase.id} (${theCase.title})`,
    `requirement: ${theCase.requirement}`,
    `source: ${theCase.source.join(', ')}`,
    `target: ${targetId}`,
    `verdict: ${outcome.verdict}`,
    ...(outcome.reason === '' ? [] : [outcome.reason.slice(0, LONGEST_REASON)]),
  ].join('\n');
  return {
    interfaces: wiresOf(theCase).map((name) => ({ name, snaplen: 0 })),
    frames,
    comment,
    application: 'lvs-conformance',
  };
}

/** A real server has one. */
function wiresOf(theCase: AnyCase): readonly string[] {
  return isServerCase(theCase) ? ['eth0'] : environmentOfCase(theCase).ports.map(({ name }) => name);
}

function commentOf(record: FrameRecord | undefined): string | undefined {
  if (record === undefined || record.direction === 'in') return undefined;
  if (record.judgement === undefined) return record.isOwnAffair ? undefined : 'unexpected frame';
  const { template, match } = record.judgement;
  const held =
    match.differences.length > 0
      ? match.differences.map(describeDifference).join('; ')
      : ['ok', ...match.deviations].join(', ');
  return `expected: ${describeTemplate(template)} — ${held}`;
}
