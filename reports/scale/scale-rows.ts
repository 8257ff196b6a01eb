import type { DirectorLoad, Run } from '../../conformance/harness/run.ts';
import { METHODS } from './method-names.ts';
import { PAPER, serversCarried, type Carried } from './servers-carried.ts';

/** One size of answer by one method through one director. */
export interface ScaleRow {
  readonly target: string;
  readonly load: DirectorLoad;
  /** Frames beside those of VS/NAT for the same answer through the same director; null where these were not counted. */
  readonly shareOfNat: number | null;
  /** Servers that a director of the papers' time would carry with these frames. */
  readonly then: Carried;
  /** Servers that this director's processor carries; null where its cost was not measured. */
  readonly now: number | null;
}

/** What the cases of a run counted at directors, by director, method and size of answer. */
export function scaleRows({ targets, results }: Run): readonly ScaleRow[] {
  return targets.flatMap(({ id }) => {
    const loads = results
      .filter(({ target }) => target === id)
      .flatMap((result) => result.loads ?? [])
      // Without a frame or an answer there is nothing to divide by.
      .filter((load) => load.answerBytes > 0 && framesOf(load) > 0)
      .sort(
        (one, other) =>
          METHODS.indexOf(one.method) - METHODS.indexOf(other.method) || one.answerBytes - other.answerBytes,
      );
    return loads.map((load): ScaleRow => {
      const nat = loads.find(({ method, answerBytes }) => method === 'nat' && answerBytes === load.answerBytes);
      const { secondsPerFrame } = load;
      return {
        target: id,
        load,
        shareOfNat: nat === undefined ? null : framesOf(load) / framesOf(nat),
        then: serversCarried(load, PAPER),
        now:
          secondsPerFrame === null || secondsPerFrame === 0
            ? null
            : serversCarried(load, { ...PAPER, secondsPerFrame, linkBytesPerSecond: Infinity }).servers,
      };
    });
  });
}

const framesOf = ({ toServers, toClients }: DirectorLoad): number => toServers.frames + toClients.frames;
