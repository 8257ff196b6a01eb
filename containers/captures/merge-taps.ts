import type { Capture, CapturedFrame } from '../../conformance/captures/capture.ts';
import { parseMac, readMac } from '../../reference/wire/address.ts';
import { ETHERNET } from '../../reference/wire/ethernet.ts';
import { macOf } from '../topologies/mac-of.ts';
import type { InterfaceDeclaration } from '../topologies/topology.ts';
import { LEFT_OUT, leftOut, type LeftOut, type Place } from './left-out.ts';

/** What was seen on the cable of one interface. */
export interface Tap {
  /** `client1` */
  readonly machine: string;
  readonly interface: InterfaceDeclaration;
  /** As `readCapture` gives what tcpdump wrote. */
  readonly capture: Capture;
}

/**
 * One capture of all cables. Interfaces are named `MACHINE/INTERFACE`; what has the interface's own MAC address as its source is `out`, all
 * else `in`. Frames are in order of time, those of the same instant by their taps, departures first. What has nothing to do with what is
 * tested is left out, and counted in the capture's comment by the reasons of {@link LEFT_OUT}.
 */
export function mergeTaps(taps: readonly Tap[]): Capture {
  const everybodys = new Set(taps.flatMap(addressesOf));
  const counts = new Map<LeftOut, number>();
  const frames = taps.flatMap((tap, index) => {
    const mac = parseMac(macOf(tap.interface));
    const own = new Set(taps.filter(({ machine }) => machine === tap.machine).flatMap(addressesOf));
    return tap.capture.frames.flatMap((frame): CapturedFrame[] => {
      const direction = isFrom(mac, frame.bytes) ? 'out' : 'in';
      const place: Place = { direction, mac, own, everybodys };
      const reason = leftOut(frame.bytes, place);
      if (reason === null) return [{ ...frame, interface: index, direction }];
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
      return [];
    });
  });
  const told = [...counts].map(([reason, count]) => `${count} ${LEFT_OUT[reason]}`);
  return {
    interfaces: taps.map((tap) => ({
      name: `${tap.machine}/${tap.interface.name}`,
      snaplen: 0,
    })),
    frames: inOrder(frames),
    ...(told.length > 0 && { comment: `Frames left out: ${told.join('; ')}.` }),
  };
}

function addressesOf(tap: Tap): string[] {
  return tap.interface.addresses.map((prefix) => prefix.replace(/\/\d+$/, ''));
}

function isFrom(mac: number, { buffer, byteOffset, length }: Uint8Array): boolean {
  return length >= ETHERNET.headerLength && readMac(new DataView(buffer, byteOffset, length), ETHERNET.source) === mac;
}

/** By time, by direction, and else as they are. Times count from the first one on: as numbers they are exact for a hundred days. */
function inOrder(frames: readonly CapturedFrame[]): CapturedFrame[] {
  const first = frames.reduce((least, { timeNs }) => (timeNs < least ? timeNs : least), frames[0]?.timeNs ?? 0n);
  const keyed = frames.map((frame) => ({
    frame,
    time: Number(frame.timeNs - first),
    rank: frame.direction === 'out' ? 0 : 1,
  }));
  return keyed.sort((one, other) => one.time - other.time || one.rank - other.rank).map(({ frame }) => frame);
}
