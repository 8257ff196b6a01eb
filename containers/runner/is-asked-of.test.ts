import { expect, test } from 'vitest';
import { isAskedOf } from './is-asked-of.ts';

const withChecks = { features: new Set(['nat', 'health-checks'] as const) };
const without = { features: new Set(['nat'] as const) };

test('Cases about health checks are asked of directors with them, all other cases of all other directors', () => {
  expect(isAskedOf({ needs: ['nat', 'health-checks'] }, withChecks)).toBe(true);
  expect(isAskedOf({ needs: ['nat', 'health-checks'] }, without)).toBe(false);
  expect(isAskedOf({ needs: ['nat', 'udp'] }, withChecks)).toBe(false);
  expect(isAskedOf({ needs: ['nat', 'udp'] }, without)).toBe(true);
});
