import { METHOD_NAMES } from './method-names.ts';
import type { ScaleRow } from './scale-rows.ts';
import { PAPER_SERVERS } from './servers-carried.ts';

/** A row as it is shown, whatever shows it. Empty where nothing was measured. */
export function scaleCells({ load, shareOfNat, then, now }: ScaleRow): {
  readonly method: string;
  readonly answer: string;
  readonly framesToServers: string;
  readonly framesToClients: string;
  readonly bytesToServers: string;
  readonly bytesToClients: string;
  readonly shareOfNat: string;
  readonly then: string;
  readonly paper: string;
  readonly cost: string;
  readonly now: string;
} {
  return {
    method: METHOD_NAMES[load.method],
    answer: whole(load.answerBytes),
    framesToServers: load.toServers.frames.toFixed(1),
    framesToClients: load.toClients.frames.toFixed(1),
    bytesToServers: whole(load.toServers.bytes),
    bytesToClients: whole(load.toClients.bytes),
    shareOfNat: shareOfNat === null ? '' : `${Math.round(shareOfNat * 100)} %`,
    then: serversText(then.servers),
    paper: PAPER_SERVERS[load.method],
    cost: load.secondsPerFrame === null ? '' : `${(load.secondsPerFrame * 1e6).toFixed(0)} µs`,
    now: now === null ? '' : serversText(now),
  };
}

/** A few servers are not counted by halves lightly, many are. */
export function serversText(servers: number): string {
  return servers < 10 ? servers.toFixed(1) : whole(servers);
}

const whole = (count: number): string => Math.round(count).toLocaleString('en');
