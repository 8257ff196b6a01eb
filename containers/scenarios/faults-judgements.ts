import { contentHash } from '../services/content.ts';
import type { Download, Upload } from './faults-transfers.ts';
import type { Judge } from './judge.ts';

/** What curl ends with, as curl(1) has it. */
export const CURL_STATUS = { refused: 7, partial: 18, timeUp: 28, sendFailed: 55, receiveFailed: 56 } as const;

/** Why captures of two directors are not the same where something breaks. */
export const CHANCE =
  'What is under way when something breaks is chance, and so is what is sent again; and hosts whose transfer was broken still try to end it later.';

/** Whether the connection was reset under it. */
export function isReset(status: number): boolean {
  return status === CURL_STATUS.sendFailed || status === CURL_STATUS.receiveFailed;
}

/** The client knows that it has not all, and what it has is right. */
export async function judgeBroken(judge: Judge, download: Download, statuses: readonly number[]): Promise<void> {
  const { status, bytes, hash, isBeginning } = await download.ended;
  judge.holds('exit status of curl', statuses.join(' or '), status, statuses.includes(status));
  judge.equal('whether what came is how the file begins', true, isBeginning);
  judge.holds('bytes that came', 'a part of the file', bytes, bytes > 0 && hash !== contentHash('large.bin'));
}

/** The client has all, and all of it is right. */
export async function judgeWhole(judge: Judge, { server, ended }: Download): Promise<void> {
  const { status, hash } = await ended;
  judge.equal(`exit status of curl that asked ${server}`, 0, status);
  judge.equal(`sha256 of large.bin from ${server}`, contentHash('large.bin'), hash);
}

/** Nothing gets through any more. */
export async function judgeStandstill(judge: Judge, transfer: Download | Upload): Promise<void> {
  const [before, after] = await transfer.arrived();
  judge.equal('bytes that have arrived a second later', before, after);
}
