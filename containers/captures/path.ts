import type { Capture } from '../../conformance/captures/capture.ts';
import type { Side, SidedPacket } from './flows.ts';

/** The machine of an interface that is named `MACHINE/INTERFACE`. */
export function machineOf({ interfaces }: Capture, index: number): string {
  return interfaces[index]?.name.split('/')[0] ?? '';
}

/**
 * The machines that the packets of one side passed, in order: that in which each interface first saw one, going in or out. Errors are left
 * out. Real servers that took packets after each other stand in one place.
 */
export function pathOf(
  packets: readonly SidedPacket[],
  side: Side,
  capture: Capture,
  isOfServer: (machine: string) => boolean,
): string[] {
  const path: string[] = [];
  const seen = new Set<number>();
  for (const { frame, side: sender, isError } of packets) {
    const place = 2 * frame.interface + (frame.direction === 'out' ? 1 : 0);
    if (sender !== side || isError || seen.has(place)) continue;
    seen.add(place);
    const machine = machineOf(capture, frame.interface);
    const servers = isOfServer(machine) ? path.findIndex((name) => name.split(', ').every(isOfServer)) : -1;
    const others = path[servers];
    if (others === undefined) {
      if (path.at(-1) !== machine) path.push(machine);
    } else if (!others.split(', ').includes(machine)) path[servers] = `${others}, ${machine}`;
  }
  return path;
}
