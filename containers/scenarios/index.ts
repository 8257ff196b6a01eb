import { scenarios as dns } from './dns.ts';
import { scenarios as http } from './http.ts';
import { scenarios as https } from './https.ts';
import { scenarios as load } from './load.ts';
import type { Scenario } from './scenario.ts';
import { scenarios as scheduling } from './scheduling.ts';
import { scenarios as sctp } from './sctp.ts';

export const scenarios: readonly Scenario[] = [...http, ...scheduling, ...https, ...dns, ...load, ...sctp];
