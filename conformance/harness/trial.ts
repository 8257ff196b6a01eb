import { InternalFault } from '../../reference/errors.ts';
import { type AnyTarget, isServerTarget, type ServerTarget } from '../targets/server-target.ts';
import type { FrameSession, Session, Target } from '../targets/target.ts';
import type { Case } from './case.ts';
import { CaseLab } from './case-lab.ts';
import { environmentOfCase } from './environment-of-case.ts';
import { needsOfCase } from './needs-of-case.ts';
import { Network } from './network.ts';
import { type AnyCase, isServerCase, type ServerCase } from './server-case.ts';
import { ServerLab } from './server-lab.ts';

/** One case on one target, begun: the session is being opened, and the script is ready to be played in it. */
export interface Trial {
  readonly network: Pick<Network<FrameSession>, 'end' | 'replacement' | 'recorder' | 'observations' | 'deviations'>;
  readonly opening: Promise<FrameSession>;
  /** Rejects with ExpectationFailed where what is under test falls short. To be called when the session is open. */
  play(): Promise<void>;
}

/** Why the case cannot be put to the target, or undefined where it can. */
export function unsupportedBecause(theCase: AnyCase, target: AnyTarget): string | undefined {
  if (isServerCase(theCase) !== isServerTarget(target)) {
    return isServerCase(theCase)
      ? `${target.id} is a director, and this is asked of real servers`
      : `${target.id} is a real server, and this is asked of directors`;
  }
  const lacks = needsOfCase(theCase).filter((feature) => !target.features.has(feature));
  return lacks.length === 0 ? undefined : `${target.id} has no ${lacks.join(', ')}`;
}

/** @param deadline real time after which the case's network is of no more use */
export function trialOf(theCase: AnyCase, target: AnyTarget, deadline: number): Trial {
  if (isServerCase(theCase) && isServerTarget(target)) return serverTrial(theCase, target, deadline);
  if (!isServerCase(theCase) && !isServerTarget(target)) return directorTrial(theCase, target, deadline);
  throw new InternalFault(`${theCase.id} cannot be put to ${target.id}`);
}

function directorTrial(theCase: Case, target: Target, deadline: number): Trial {
  const network = new Network(deadline);
  const environment = environmentOfCase(theCase);
  const open = (): Promise<Session> => target.open(environment, (port, frame) => network.receive(port, frame));
  const opening = open();
  return {
    network,
    opening,
    async play() {
      network.connect(await opening, open);
      const lab = new CaseLab(environment, new Set(needsOfCase(theCase)), network, target.profile);
      const rules = commandsOf(theCase.rules);
      if (rules.length > 0) await lab.configure(...rules);
      await theCase.script(lab);
      lab.nothingElse();
    },
  };
}

function serverTrial(theCase: ServerCase, target: ServerTarget, deadline: number): Trial {
  const network = new Network<FrameSession>(deadline);
  const opening = target.openServer(theCase.setup, (port, frame) => network.receive(port, frame));
  return {
    network,
    opening,
    async play() {
      network.connect(await opening);
      const lab = new ServerLab(theCase.setup, network);
      await theCase.script(lab);
      lab.nothingElse();
    },
  };
}

/** The commands of a case's rules: one a line, blank lines left out. */
function commandsOf(rules: string): readonly string[] {
  return rules
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
