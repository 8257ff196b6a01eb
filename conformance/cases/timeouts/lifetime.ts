import type { Flow } from '../../harness/flow.ts';
import type { Host, Lab } from '../../harness/lab.ts';
import { ethernet, ip, tcp, udp } from '../../harness/layers.ts';

export interface Lifetime {
  /** Brings a connection from this client port to the packet that its lifetime is counted from. */
  readonly open: (port: number) => Promise<Flow>;
  /** Done when all are open. */
  readonly whenOpen?: () => Promise<void>;
  /** A packet that starts the lifetime anew, sent when two thirds of it have passed. */
  readonly renew?: (flow: Flow) => Promise<unknown>;
  /** How long the connection is known after its last packet, in seconds. */
  readonly seconds: number;
  readonly deviates?: { readonly id: string; readonly seconds: number };
  /** Default: whether an ACK of the client reaches the connection's server. */
  readonly isKnown?: (lab: Lab, port: number, server: Host) => Promise<boolean>;
}

const FIRST_PORT = 40001;

/**
 * The latest instant at which a connection with this timeout must be gone, in seconds. A director may be late: the kernel's timers are
 * kept in coarser slots the further away they are, an eighth of the distance at most (kernel/time/timer.c, LVL_GRAN), and the slots of
 * its ticks come on top. It must not be early.
 */
export function latestEnd(seconds: number): number {
  return seconds * 1.125 + 1;
}

/**
 * Fails unless connections are known until their timeout ends and not after it. Asking a director whether it knows a connection takes a
 * packet, which makes it live on: so there is a connection for each instant that matters.
 */
export async function livesFor(lab: Lab, lifetime: Lifetime): Promise<void> {
  const { open, whenOpen, renew, seconds, deviates, isKnown = acknowledgementArrives } = lifetime;
  const instants = [seconds, ...(deviates === undefined ? [] : [deviates.seconds])]
    .flatMap((end) => [end - 1, latestEnd(end)])
    .sort((a, b) => a - b);
  const flows: Flow[] = [];
  for (const index of instants.keys()) flows.push(await open(FIRST_PORT + index));
  await whenOpen?.();
  if (renew !== undefined) {
    await lab.wait((seconds * 2) / 3);
    for (const flow of flows) await renew(flow);
  }
  const known: boolean[] = [];
  for (const [index, instant] of instants.entries()) {
    await lab.wait(instant - (instants[index - 1] ?? 0));
    known.push(await isKnown(lab, FIRST_PORT + index, flows[index]?.server ?? lab.servers[0]));
  }
  lab.equal(
    `whether a connection is known ${instants.join(', ')} seconds after its last packet`,
    known,
    instants.map((instant) => instant < seconds),
    deviates === undefined
      ? undefined
      : { id: deviates.id, value: instants.map((instant) => instant < deviates.seconds) },
  );
}

/** A director without the connection may answer the client with a reset (RFC 9293 §3.10.7.1) or keep silent. */
async function acknowledgementArrives(lab: Lab, port: number, server: Host): Promise<boolean> {
  const { client, vip } = lab;
  const acknowledgement = 7000;
  await client.sends(
    ip({ destination: vip }),
    tcp({ sourcePort: port, destinationPort: 80, sequence: 3000, acknowledgement, flags: 'A' }),
  );
  if (server.hasPacket) {
    server.receives(ethernet({ destination: server.mac }));
    return true;
  }
  if (client.hasPacket) {
    client.receives(
      ip({ source: vip, destination: client.address }),
      tcp({ sourcePort: 80, destinationPort: port, sequence: acknowledgement, flags: 'R' }),
    );
  }
  return false;
}

/**
 * A UDP connection's lifetime: its server gets weight 0, so that it gets the datagrams of connections that the director knows, and the second
 * server those of which it must choose anew. The service has the first server only.
 */
export async function udpLivesFor(
  lab: Lab,
  option: string,
  lifetime: Omit<Lifetime, 'whenOpen' | 'isKnown'>,
): Promise<void> {
  await livesFor(lab, {
    ...lifetime,
    async whenOpen() {
      await lab.configure(
        `-a -u ${lab.vip}:80 -r ${lab.servers[1].address}:80 ${option} -w 1`,
        `-e -u ${lab.vip}:80 -r ${lab.servers[0].address}:80 ${option} -w 0`,
      );
    },
    isKnown: datagramArrives,
  });
}

async function datagramArrives(lab: Lab, port: number, server: Host): Promise<boolean> {
  const { client, servers, vip } = lab;
  await client.sends(ip({ destination: vip }), udp({ sourcePort: port, destinationPort: 80 }));
  return lab.oneOf([server, servers[1]], [ethernet({ source: lab.director.server.mac })]).host === server;
}
