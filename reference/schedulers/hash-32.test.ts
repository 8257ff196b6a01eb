import { expect, test } from 'vitest';
import { parseIpv4 } from '../wire/address.ts';
import { hash32 } from './hash-32.ts';

// Computed apart from this project, in Python, from the definition in include/linux/hash.h.
test.each([
  ['10.0.0.2', 137, 550],
  ['10.0.0.3', 235, 941],
  ['0.0.0.0', 0, 0],
  ['10.0.0.100', 248, 993],
  ['172.20.1.1', 91, 367],
  ['192.168.1.1', 136, 547],
  ['192.168.1.11', 90, 362],
  ['192.168.1.12', 188, 754],
  ['203.0.113.77', 57, 230],
  ['255.255.255.255', 158, 632],
])('hash_32 of %s is %i in 8 bits and %i in 10', (address, in8, in10) => {
  expect([hash32(parseIpv4(address), 8), hash32(parseIpv4(address), 10)]).toEqual([in8, in10]);
});
