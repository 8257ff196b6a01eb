import type { DirectorLoad } from '../../conformance/harness/run.ts';

/** What a director by this method has of answers of 1 kB and 1 MB, with round figures. */
export function loadsBy(method: DirectorLoad['method']): readonly DirectorLoad[] {
  return [
    { answerBytes: 1000, requests: 6, answers: 4, bytes: 1300 },
    { answerBytes: 1_000_000, requests: 350, answers: 690, bytes: 1_037_000 },
  ].map(({ answerBytes, requests, answers, bytes }) => ({
    method,
    answerBytes,
    requests: 100,
    toServers: { frames: requests, bytes: 70 * requests },
    toClients: method === 'nat' ? { frames: answers, bytes } : { frames: 0, bytes: 0 },
    secondsPerFrame: 100e-6,
  }));
}
