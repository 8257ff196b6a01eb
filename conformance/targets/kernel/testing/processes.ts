import { readdirSync, readFileSync } from 'node:fs';

const commandLine = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};

/** Numbers of all processes of this machine but ours whose command line contains the text. A zombie has none. */
export const processesWith = (text: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && commandLine(name).includes(text))
    .map(Number);

/** Guests of a process are known by their temporary folder, which has its number in the name. */
export const guestsOf = (pid: number): number[] => processesWith(`lvs-kernel-${pid}-`);

/** Waits until there are none left, for some seconds at most. */
export const remainingGuests = async (pid: number): Promise<number[]> => {
  const deadline = performance.now() + 5000;
  let left = guestsOf(pid);
  while (left.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    left = guestsOf(pid);
  }
  return left;
};
