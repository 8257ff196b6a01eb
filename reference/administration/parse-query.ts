import { MalformedInput } from '../errors.ts';
import type { ListingForm } from './ipvsadm-listing.ts';
import type { OptionName } from './option-syntax.ts';
import { parseServiceAddress } from './parse-service.ts';
import type { Options } from './parse-options.ts';
import type { Query } from './query.ts';
import { checkGrammar, readCommandLine, type Grammar } from './read-command-line.ts';

/** What is listed, where it is not all services: at most one of these. */
const SUBJECTS = ['connection', 'service-address', 'timeout', 'daemon'] as const;

/** The forms of a listing by their options, the first that is given wins (`ipvsadm.c:print_title`). */
const FORMS: readonly (readonly [OptionName, ListingForm])[] = [
  ['stats', 'totals'],
  ['rate', 'rates'],
  ['thresholds', 'thresholds'],
  ['persistent-conn', 'persistent connections'],
  ['tun-info', 'tunnels'],
];

const LIST: Grammar = {
  must: [],
  may: ['numeric', 'nosort', 'sort', 'exact', 'ipv6', ...FORMS.map(([name]) => name)],
  oneOf: SUBJECTS,
};
const SAVE: Grammar = { must: [], may: ['numeric'] };

/**
 * Reads `-L` in all its forms, and `-S`, as they stand behind the word `ipvsadm`.
 *
 * @throws MalformedInput naming the word at fault
 */
export function parseQuery(line: string): Query {
  const given = readCommandLine(line);
  const { command, spelling, options, words } = given;
  if (command !== 'list' && command !== 'save') {
    throw new MalformedInput(`${spelling} shows nothing; ask with -L or -S`);
  }
  checkGrammar(given, command === 'list' ? LIST : SAVE);
  if (words[0] !== undefined) throw new MalformedInput(`unexpected argument ${words[0]}; leave it out`);
  return command === 'save' ? { kind: 'save' } : listing(options);
}

function listing(options: Options): Query {
  const has = (...names: readonly OptionName[]): boolean => names.some((name) => options.has(name));
  const notOfServices = has('connection', 'timeout', 'daemon') && has('stats', 'rate', 'thresholds');
  if (notOfServices || (has('timeout', 'daemon') && has('persistent-conn'))) {
    throw new MalformedInput('options conflicts in the list command; leave out those that are about services');
  }
  if (has('connection')) return { kind: 'connections', withEngineData: has('persistent-conn') };
  if (has('timeout')) return { kind: 'timeouts' };
  if (has('daemon')) return { kind: 'daemons' };
  const form = FORMS.find(([name]) => has(name))?.[1] ?? 'plain';
  const only = parseServiceAddress(options);
  return { kind: 'services', only, options: { form, exact: has('exact'), sorted: !has('nosort') } };
}
