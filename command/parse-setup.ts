import { basename } from 'node:path';
import { RIGHT_SETUPS } from '../generators/real-server/right-setups.ts';
import { serverSetup, type ServerSetup } from '../generators/real-server/server-setup.ts';
import { WRONG_SETUPS } from '../generators/real-server/wrong-setups.ts';
import { MalformedInput } from '../reference/errors.ts';
import { readTextFile } from './read-text-file.ts';

const KNOWN: readonly ServerSetup[] = [...RIGHT_SETUPS, ...WRONG_SETUPS.map(({ setup }) => setup)];

const SETTING = /^conf\.(all|lo|dummy0|tunl0|eth0)\.(arp_ignore|arp_announce|rp_filter)$/;

/** What a field may be, and how to say so. */
interface Form {
  readonly holds: (value: unknown) => boolean;
  readonly mend: string;
}

const oneOf = (...values: readonly (string | null)[]): Form => ({
  holds: (value) => values.some((known) => known === value),
  mend: `give one of ${values.map((value) => JSON.stringify(value)).join(', ')}`,
});
const YES_OR_NO: Form = { holds: (value) => typeof value === 'boolean', mend: 'give true or false' };

const FORMS: Readonly<Record<string, Form>> = {
  methods: {
    holds: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      (value.every((item) => item === 'direct-route' || item === 'tunnel') ||
        (value.length === 1 && value[0] === 'nat')),
    mend: 'give a list of "direct-route", "tunnel" or both, or of "nat" alone',
  },
  virtualAddressOn: oneOf('lo', 'dummy0', 'tunl0', 'eth0', null),
  redirect: YES_OR_NO,
  tunnel: YES_OR_NO,
  gateway: oneOf('router', 'director'),
  mtu: {
    // The smallest that IPv4 works with (RFC 791 §3.2), the largest of a guest's devices.
    holds: (value) =>
      typeof value === 'number' && Number.isInteger(value) && (value === 9000 || (value >= 68 && value <= 1500)),
    mend: 'give a whole number of bytes from 68 to 1500, or 9000',
  },
  dropsIcmp: YES_OR_NO,
  datagramsFrom: oneOf('asked', 'own'),
  sysctls: {
    holds: (value) =>
      isObject(value) &&
      Object.entries(value).every(
        ([name, text]) => SETTING.test(name) && typeof text === 'string' && /^[0-3]$/.test(text),
      ),
    mend: 'give an object like {"conf.all.arp_ignore": "1"}, of arp_ignore, arp_announce and rp_filter from 0 to 3',
  },
};

/**
 * A set-up by its name, or from a file: JSON in the shape of {@link ServerSetup}; what is left out is as on a server that has nothing but a
 * service. Throws MalformedInput `FILE: FIELD: what is wrong`.
 */
export function parseSetup(nameOrFile: string): ServerSetup {
  const known = KNOWN.find(({ id }) => id === nameOrFile);
  if (known !== undefined) return known;
  const value = parsed(
    nameOrFile,
    readTextFile(nameOrFile, `a file, or one of ${KNOWN.map(({ id }) => id).join(', ')}`),
  );
  if (!isObject(value)) throw new MalformedInput(`${nameOrFile}: give an object`);
  for (const [field, content] of Object.entries(value)) {
    const form = Object.hasOwn(FORMS, field) ? FORMS[field] : undefined;
    if (form === undefined) {
      const fields = Object.keys(FORMS).join(', ');
      throw new MalformedInput(`${nameOrFile}: has no field ${JSON.stringify(field)}, only ${fields}`);
    }
    if (!form.holds(content)) throw new MalformedInput(`${nameOrFile}: ${field}: ${form.mend}`);
  }
  const setup = serverSetup({ ...value, id: idFrom(nameOrFile), title: basename(nameOrFile) });
  if (setup.virtualAddressOn === 'tunl0' && !setup.tunnel) {
    throw new MalformedInput(`${nameOrFile}: virtualAddressOn: "tunl0" is there only with "tunnel": true`);
  }
  return setup;
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MalformedInput(`${file}: is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The file's name as a part of a case's id. */
function idFrom(file: string): string {
  const words = basename(file)
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return words?.join('-') ?? 'setup';
}
