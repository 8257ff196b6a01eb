import { scenarios as http } from './http.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [...http];
