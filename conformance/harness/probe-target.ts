import { ConfigurationRefused, type Feature, type Session, type Target } from '../targets/target.ts';
import { defaultEnvironment } from './default-environment.ts';
import { describeFault } from './describe-fault.ts';

/** A scheduler that nobody has. */
const BOGUS_COMMAND = '-A -t 10.0.0.100:80 -s nosuchscheduler';

/** Features that a session shows by having the method. */
const METHODS: readonly (readonly [Feature, keyof Session])[] = [
  ['clock', 'advance'],
  ['sysctl', 'setSysctl'],
  ['connections', 'connections'],
  ['services', 'services'],
];

const FORWARDING: readonly Feature[] = ['nat', 'tunnel', 'direct-route'];

/**
 * Whether a started target's word can be trusted: it must refuse what nobody has, forward in some way, and have what it says it has.
 *
 * @returns why not, or undefined where it can
 */
export async function probeTarget(target: Target): Promise<string | undefined> {
  if (!FORWARDING.some((feature) => target.features.has(feature))) {
    return `${target.id} says that it forwards in no way at all (${FORWARDING.join(', ')}): there is nothing to judge`;
  }
  try {
    const session = await target.open(defaultEnvironment, () => undefined);
    const claimed = METHODS.find(([feature, method]) => target.features.has(feature) && session[method] === undefined);
    const isRefused = await refuses(session);
    await session.close();
    if (claimed !== undefined)
      return `${target.id} says it has '${claimed[0]}', but its session has no ${claimed[1]}()`;
    return isRefused
      ? undefined
      : `${target.id} accepted '${BOGUS_COMMAND}', which nobody can: what it says of itself cannot be trusted`;
  } catch (error) {
    return `${target.id} cannot be probed: ${describeFault(error)}`;
  }
}

async function refuses(session: Session): Promise<boolean> {
  try {
    await session.configure([BOGUS_COMMAND]);
    return false;
  } catch (error) {
    if (error instanceof ConfigurationRefused) return true;
    throw error;
  }
}
