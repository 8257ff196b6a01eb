import type { Topology } from './topology.ts';
import { vsDr } from './vs-dr.ts';
import { vsNat } from './vs-nat.ts';
import { vsNatSctp } from './vs-nat-sctp.ts';
import { vsTun } from './vs-tun.ts';

export const topologies: readonly Topology[] = [vsNat, vsTun, vsDr, vsNatSctp];
