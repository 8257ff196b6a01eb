import type { Capture } from '../../conformance/captures/capture.ts';
import type { DissectedLayer } from '../../reference/wire/layer.ts';
import { describePacket, dissect } from '../../reference/wire/packet.ts';
import type { Arrow, Ladder, Lane, Mark } from './ladder.ts';
import { firstOf, type Passage } from '../../conformance/captures/passages-of.ts';
import type { Tap } from '../../conformance/captures/taps-of.ts';

/** Machines of these names ask for services; what the director is called. */
const CLIENT = /^client/;
const DIRECTOR = 'director';

/**
 * A merged capture as a ladder: a lane for each machine in the order of its interfaces, an arrow for each frame from its sender to its
 * receivers. So the way of a request, and that of its answer past the director, is seen.
 */
export function machineLadder({ frames }: Capture, taps: readonly Tap[], passages: readonly Passage[]): Ladder {
  const machines = [...new Set(taps.map(({ machine }) => machine))];
  const laneOf = (place: number): number => machines.indexOf(taps[place]?.machine ?? '');
  const laneOfMac = (mac: string | undefined): number | undefined => {
    const place = taps.findIndex((tap) => tap.mac !== undefined && tap.mac === mac);
    return place === -1 ? undefined : laneOf(place);
  };
  const seen = passages.flatMap((passage) => {
    const frame = frames[firstOf(passage)];
    return frame === undefined ? [] : [{ passage, frame, layers: dissect(frame.bytes) }];
  });
  const clients = new Set(
    seen
      .filter(({ passage, frame }) => passage.sent !== null && CLIENT.test(taps[frame.interface]?.machine ?? ''))
      .flatMap(({ layers }) => endsOf(layers)?.source ?? []),
  );
  const start = frames[0]?.timeNs ?? 0n;
  const arrows = seen.map(({ passage: { sent, arrived }, frame, layers }): Arrow => {
    const ethernet = layers[0]?.layer.kind === 'ethernet' ? layers[0].layer : undefined;
    const receivers = arrived.map((index) => laneOf(frames[index]?.interface ?? 0));
    const [to, ...alsoTo] = receivers;
    const from = sent === null ? laneOfMac(ethernet?.source) : laneOf(frame.interface);
    // From a machine that was never seen to send: the arrow comes from nowhere.
    const known = from ?? (to === undefined ? 0 : (to + neighbour(to, machines.length)) / 2);
    const notes = [sent, ...arrived].flatMap((index) => (index === null ? [] : (frames[index]?.comment ?? [])));
    return {
      number: firstOf({ sent, arrived }) + 1,
      arrivals: sent === null ? [] : arrived.map((index) => index + 1),
      time: Number(frame.timeNs - start) / 1e9,
      from: known,
      to: to ?? laneOfMac(ethernet?.destination) ?? neighbour(known, machines.length),
      alsoTo,
      text: describePacket(layers),
      mark: sent === null ? 'unsent' : arrived.length === 0 ? 'lost' : roleOf(layers, clients),
      note: [...new Set(notes)].join('\n'),
    };
  });
  return { lanes: machines.map((machine) => laneNamed(machine, taps)), arrows, isMerged: true };
}

function laneNamed(machine: string, taps: readonly Tap[]): Lane {
  const macs = taps.flatMap((tap) => (tap.machine === machine ? (tap.mac ?? []) : []));
  return { name: machine, detail: macs.map(addressIn).join('\n'), isDirector: machine === DIRECTOR };
}

/** Machines of a lab have 02:00 and the bytes of their IPv4 address for a MAC address. */
function addressIn(mac: string): string {
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  return mac.startsWith('02:00:') ? bytes.slice(2).join('.') : mac;
}

/** Where an end is not known: the arrow then only shows that there was a frame. */
function neighbour(lane: number, lanes: number): number {
  return lane + 1 < lanes ? lane + 1 : Math.max(0, lane - 1);
}

/** By the packet that a tunnel carries, if it is one. */
function roleOf(layers: readonly DissectedLayer[], clients: ReadonlySet<string>): Mark {
  const { source = '', destination = '' } = endsOf(layers) ?? {};
  return clients.has(source) ? 'request' : clients.has(destination) ? 'answer' : 'other';
}

function endsOf(layers: readonly DissectedLayer[]): { readonly source?: string; readonly destination?: string } | null {
  const [, outer, second] = layers.map(({ layer }) => layer);
  const inner = outer?.kind === 'ip' || outer?.kind === 'ip6' ? second : undefined;
  const header = inner?.kind === 'ip' || inner?.kind === 'ip6' ? inner : outer;
  return header?.kind === 'ip' || header?.kind === 'ip6' ? header : null;
}
