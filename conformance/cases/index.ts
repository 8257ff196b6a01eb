import type { Case } from '../harness/case.ts';
import { suiteOf } from '../harness/suite-of.ts';
import { cases as arpVirtualAddress } from './arp/virtual-address.ts';
import { cases as natRequest } from './nat/request.ts';

/** Every case there is, sorted by id. */
export const suite: readonly Case[] = suiteOf(arpVirtualAddress, natRequest);
