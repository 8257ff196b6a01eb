import { readFileSync } from 'node:fs';
import { programOnHost } from './find-kernel.ts';

/** `0-3,6` as numbers. */
const parseList = (list: string): number[] =>
  list.split(',').flatMap((range) => {
    const [first = NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });

/**
 * CPUs a guest can be told to stay on; empty where it cannot be told. A guest is two processes that take turns at every system call and
 * page fault: on one CPU they are two to three times as fast as when the host spreads them over two.
 */
export const usableCpus = (): number[] => {
  if (programOnHost('taskset') === null) return [];
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return allowed === undefined ? [] : parseList(allowed);
};
