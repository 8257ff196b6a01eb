import { FEATURES, type Feature } from '../targets/target.ts';

const BY_OPTION: Readonly<Partial<Record<string, Feature>>> = {
  '-m': 'nat',
  '-i': 'tunnel',
  '-g': 'direct-route',
  '-t': 'tcp',
  '-u': 'udp',
  '--sctp-service': 'sctp',
  '-b': 'scheduler-flags',
  '-p': 'persistence',
  '-o': 'one-packet',
  '-f': 'fwmark',
  '-6': 'ipv6',
  '--set': 'timeouts',
  '--start-daemon': 'synchronisation',
  '--stop-daemon': 'synchronisation',
};

/** Options whose argument is a part of the feature's name. */
const BY_ARGUMENT: Readonly<Partial<Record<string, string>>> = {
  '-s': 'scheduler',
  '--pe': 'persistence-engine',
  '--tun-type': 'tunnel',
};

/** What commands of the ipvsadm language ask of a director: methods, protocols, schedulers. */
export function featuresOfCommands(commands: readonly string[]): ReadonlySet<Feature> {
  const found = new Set<Feature>();
  for (const command of commands) {
    const words = command.split(/\s+/);
    for (const [index, word] of words.entries()) {
      const named = BY_ARGUMENT[word];
      const feature = named === undefined ? BY_OPTION[word] : `${named}.${words[index + 1] ?? ''}`;
      if (feature !== undefined && isFeature(feature)) found.add(feature);
      // An IPv6 address with its port.
      if (word.startsWith('[')) found.add('ipv6');
    }
  }
  return found;
}

const isFeature = (name: string): name is Feature => Object.hasOwn(FEATURES, name);
