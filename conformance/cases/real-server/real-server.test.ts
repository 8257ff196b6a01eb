import { describe, expect, it } from 'vitest';
import { RIGHT_SETUPS } from '../../../generators/real-server/right-setups.ts';
import type { ServerSetup } from '../../../generators/real-server/server-setup.ts';
import { WRONG_SETUPS } from '../../../generators/real-server/wrong-setups.ts';
import { InternalFault } from '../../../reference/errors.ts';
import { runSuite } from '../../harness/runner.ts';
import type { ServerCase } from '../../harness/server-case.ts';
import { ModelServerTarget } from '../../targets/reference/model-server-target.ts';
import { cases as arpSettings } from './arp-settings.ts';
import { casesFor, requirements, serverSuite } from './index.ts';
import { cases as sourceValidation } from './source-validation.ts';

/** The verdicts of the model server, by case. */
async function verdicts(cases: readonly ServerCase[]): Promise<ReadonlyMap<string, string>> {
  const { results } = await runSuite({
    cases,
    targets: [new ModelServerTarget()],
    reference: () => {
      throw new InternalFault('no director is judged here');
    },
    tool: { version: '', command: '' },
  });
  return new Map(results.map(({ case: id, verdict, reason }) => [id, verdict === 'error' ? reason : verdict]));
}

/** Ends of the ids of the cases that the set-up fails. */
async function failuresOf(setup: ServerSetup): Promise<string[]> {
  const found = await verdicts(casesFor(setup));
  return [...found]
    .filter(([, verdict]) => verdict === 'fail')
    .map(([id]) => id.replace(`real-server/${setup.id}-`, ''));
}

describe('the cases about real servers', () => {
  it('are all lived up to by the right set-ups', async () => {
    const found = await verdicts(serverSuite);
    expect(Object.fromEntries([...found].filter(([, verdict]) => verdict !== 'pass'))).toEqual({});
    expect(found.size).toBe(serverSuite.length);
  });

  it.each(WRONG_SETUPS)('find out the wrong set-up $setup.id', async ({ setup, fails }) => {
    expect(await failuresOf(setup)).toEqual(expect.arrayContaining([...fails]));
  });

  it('each fail on at least one wrong set-up', async () => {
    const failed = new Set((await Promise.all(WRONG_SETUPS.map(({ setup }) => failuresOf(setup)))).flat());
    expect(requirements.map(({ name }) => name).filter((name) => !failed.has(name))).toEqual([]);
  });

  it.each([...arpSettings, ...sourceValidation])('each fail where a setting is another: $id', async (theCase) => {
    const siblings = arpSettings.includes(theCase) ? arpSettings : sourceValidation;
    const exchanged = siblings.map(({ setup }) => ({ ...theCase, id: `real-server/${setup.id}`, setup }));
    expect([...(await verdicts(exchanged)).values()]).toContain('fail');
  });

  it('ask every set-up for what its methods need', () => {
    const names = (setup: ServerSetup) => casesFor(setup).map(({ id }) => id.replace(`real-server/${setup.id}-`, ''));
    for (const setup of RIGHT_SETUPS) {
      expect(names(setup).includes('arp-unanswered')).toBe(!setup.methods.includes('nat'));
      for (const method of ['nat', 'direct-route', 'tunnel'] as const) {
        expect(names(setup).includes(`${method}-request`)).toBe(setup.methods.includes(method));
      }
    }
  });
});
