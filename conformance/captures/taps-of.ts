import type { Capture } from './capture.ts';
import { dissect } from '../../reference/wire/dissect.ts';

/** An interface of a machine, whose cable was listened at. */
export interface Tap {
  readonly machine: string;
  /** Undefined where it sent nothing. */
  readonly mac: string | undefined;
}

const NAME = /^([\w-]+)\/[\w.-]+$/;

/**
 * The interfaces of a capture that was merged from those of several machines, in its order: `client1/eth0`, `director/eth1`. Each frame is
 * in it as it left its sender and again as it came to its receiver. Null for a capture of one director's ports, which have other names.
 */
export function tapsOf({ interfaces, frames }: Capture): readonly Tap[] | null {
  const machines = interfaces.flatMap(({ name }) => NAME.exec(name)?.[1] ?? []);
  const isMerged = machines.length === interfaces.length && frames.every(({ direction }) => direction !== undefined);
  if (machines.length === 0 || !isMerged) {
    return null;
  }
  return machines.map((machine, index) => {
    const sent = frames.find((frame) => frame.interface === index && frame.direction === 'out');
    const outer = sent === undefined ? undefined : dissect(sent.bytes)[0]?.layer;
    return { machine, mac: outer?.kind === 'ethernet' ? outer.source : undefined };
  });
}
