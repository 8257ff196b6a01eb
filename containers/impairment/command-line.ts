import { parseArgs } from 'node:util';
import { MalformedInput } from '../../reference/errors.ts';
import type { Impairment } from '../lab/link.ts';

export interface RelayArguments {
  readonly impairment: Impairment;
  readonly interfaces: readonly [string, string];
}

const USAGE = 'usage: main.js [--loss SHARE] [--reorder SHARE] [--duplicate SHARE] --seed NUMBER INTERFACE INTERFACE';

/** The words that tell the program of `main.ts` to do this. */
export function relayWords({ impairment: { loss = 0, reorder = 0, duplicate = 0, seed }, interfaces }: RelayArguments) {
  const shares = { loss, reorder, duplicate, seed };
  return [...Object.entries(shares).map(([name, value]) => `--${name}=${value}`), ...interfaces];
}

/** What {@link relayWords} made. Throws MalformedInput. */
export function parseRelayWords(words: readonly string[]): RelayArguments {
  const { values, positionals } = parsed(words);
  const [machine, bridge, ...more] = positionals;
  if (machine === undefined || bridge === undefined || more.length > 0 || values.seed === undefined) {
    throw new MalformedInput(USAGE);
  }
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new MalformedInput(`--seed ${values.seed}: not a whole number`);
  const impairment = {
    loss: share('--loss', values.loss),
    reorder: share('--reorder', values.reorder),
    duplicate: share('--duplicate', values.duplicate),
    seed,
  };
  return { impairment, interfaces: [machine, bridge] };
}

function parsed(words: readonly string[]) {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { loss: option, reorder: option, duplicate: option, seed: option },
    });
  } catch {
    throw new MalformedInput(USAGE);
  }
}

function share(name: string, value = '0'): number {
  const number = value.trim() === '' ? NaN : Number(value);
  if (number >= 0 && number <= 1) return number;
  throw new MalformedInput(`${name} ${value}: a share is a number from 0 to 1`);
}
