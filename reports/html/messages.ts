import type { Verdict } from '../../conformance/harness/run.ts';

/** Every text of the HTML report. Another language is another constant of this shape. */
export interface Messages {
  readonly language: string;
  readonly title: string;
  readonly subtitle: string;
  readonly verdicts: Readonly<Record<Verdict, string>>;
  readonly verdictMeanings: Readonly<Record<Verdict, string>>;
  readonly notRun: string;
  readonly targets: string;
  readonly version: string;
  readonly features: string;
  readonly started: string;
  readonly duration: string;
  readonly tool: string;
  readonly command: string;
  readonly reproduce: string;
  readonly show: string;
  readonly showAll: string;
  readonly showImperfect: string;
  readonly showFailed: string;
  readonly cases: string;
  readonly case: string;
  readonly level: string;
  readonly tags: string;
  readonly needs: string;
  readonly requirement: string;
  readonly source: string;
  readonly reason: string;
  readonly deviations: string;
  readonly undocumentedDeviation: string;
  readonly firstDifference: string;
  readonly place: string;
  readonly framePlace: (number: number) => string;
  readonly referenceFramePlace: (number: number) => string;
  readonly bytePlace: (offset: number) => string;
  readonly expected: string;
  readonly observed: string;
  readonly frames: string;
  readonly noFrames: string;
  readonly director: string;
  readonly capture: string;
  readonly allCases: string;
  readonly previous: string;
  readonly next: string;
  readonly captureUnreadable: string;
  readonly marks: Readonly<Record<'expected' | 'unexpected' | 'unjudged' | 'stimulus', string>>;
  readonly moreFrames: (count: number) => string;
  readonly caseCount: (count: number) => string;
  readonly ladder: (caseId: string, target: string, frames: number) => string;
  readonly seconds: (milliseconds: number) => string;
}

export const english: Messages = {
  language: 'en',
  title: 'LVS conformance',
  subtitle: 'Directors of the Linux Virtual Server, judged on the wire',
  verdicts: { pass: 'pass', deviates: 'deviates', unsupported: 'unsupported', fail: 'fail', error: 'error' },
  verdictMeanings: {
    pass: 'does what is required',
    deviates: 'a named, documented difference',
    unsupported: 'the target says that it lacks a need of the case',
    fail: 'does not do what is required',
    error: 'the harness itself failed; nothing is said about the target',
  },
  notRun: 'not run',
  targets: 'Targets',
  version: 'Version',
  features: 'Features',
  started: 'Started',
  duration: 'Duration',
  tool: 'Tool',
  command: 'Command',
  reproduce: 'Run it again',
  show: 'Show',
  showAll: 'all cases',
  showImperfect: 'not passed everywhere',
  showFailed: 'failed',
  cases: 'Cases',
  case: 'Case',
  level: 'Level',
  tags: 'Tags',
  needs: 'Needs',
  requirement: 'Requirement',
  source: 'Source',
  reason: 'Reason',
  deviations: 'Deviations',
  undocumentedDeviation: 'not documented',
  firstDifference: 'First difference from the reference',
  place: 'Where',
  framePlace: (number) => `frame ${number}`,
  referenceFramePlace: (number) => `frame ${number} of the reference`,
  bytePlace: (offset) => `byte ${offset}`,
  expected: 'Reference',
  observed: 'Observed',
  frames: 'Frames',
  noFrames: 'No frame was exchanged.',
  director: 'director',
  capture: 'Capture (pcapng)',
  allCases: 'All cases',
  previous: 'Previous case',
  next: 'Next case',
  captureUnreadable: 'The capture cannot be read',
  marks: {
    expected: 'as expected',
    unexpected: 'not as expected',
    unjudged: 'not judged by the case',
    stimulus: 'sent to the director',
  },
  moreFrames: (count) => `… and ${count} more in the capture`,
  caseCount: (count) => (count === 1 ? '1 case' : `${count} cases`),
  ladder: (caseId, target, frames) => `${caseId} on ${target}: ${frames} frames between the hosts and the director`,
  seconds: (milliseconds) =>
    milliseconds < 1000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(1)} s`,
};
