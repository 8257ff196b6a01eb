import { buildPacket } from '../../../../reference/wire/build-packet.ts';
import { dissect } from '../../../../reference/wire/dissect.ts';
import { arp, ethernet, ip, payload, tcp, type Layer, type TcpFields } from '../../../../reference/wire/layer.ts';
import type { Session, Target } from '../../target.ts';
import { testEnvironment } from './test-kernel.ts';

export const CLIENT = { port: 0, mac: '02:00:00:00:00:a2', address: '10.0.0.2' };
export const SERVER = { port: 1, mac: '02:00:00:00:00:b1', address: '192.168.1.11' };
const DIRECTOR_MACS = testEnvironment.ports.map(({ mac }) => mac);

export const ONE_SERVER = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1'];

/** A segment of the client to the virtual service; data as text, or so many bytes of it. */
export const segment = (fields: TcpFields, data: string | number = 0): Uint8Array =>
  buildPacket([
    ethernet({ destination: DIRECTOR_MACS[0] ?? '', source: CLIENT.mac }),
    ip({ source: CLIENT.address, destination: '10.0.0.100', ttl: 64, id: 0x1234, df: true }),
    tcp({ destinationPort: 80, sequence: 1000, window: 8192, flags: 'S', ...fields }),
    payload(typeof data === 'number' ? 'x'.repeat(data) : data),
  ]);

/** A segment of the real server to the client. */
export const reply = (fields: TcpFields, data = ''): Uint8Array =>
  buildPacket([
    ethernet({ destination: DIRECTOR_MACS[1] ?? '', source: SERVER.mac }),
    ip({ source: SERVER.address, destination: CLIENT.address, ttl: 64, df: true }),
    tcp({ sourcePort: 21, destinationPort: 40001, window: 8192, ...fields }),
    payload(data),
  ]);

/** A host says where it is. */
export const announcement = (host: typeof CLIENT, directorAddress: string): Uint8Array =>
  buildPacket([
    ethernet({ destination: DIRECTOR_MACS[host.port] ?? '', source: host.mac }),
    arp({
      operation: 2,
      senderMac: host.mac,
      senderAddress: host.address,
      targetMac: DIRECTOR_MACS[host.port] ?? '',
      targetAddress: directorAddress,
    }),
  ]);

/** What a session's director sent: port, and layers from Ethernet inwards. */
export interface Sent {
  readonly port: number;
  readonly layers: readonly Layer[];
}

export interface Opened {
  readonly session: Session;
  /** Everything the director sent since this was last asked. */
  readonly received: () => Sent[];
  /** Makes the director learn the MAC addresses of client and server. It has to have a reason to ask: one SYN to the service on this port. */
  readonly introduce: (servicePort?: number) => Promise<void>;
}

const open = new Set<Session>();

/** Ends the sessions that a failed test left behind, so that the next one gets a guest. */
export const closeSessions = async (): Promise<void> => {
  await Promise.allSettled([...open].map((session) => session.close()));
  open.clear();
};

/** Opens a session and keeps what the director sends. */
export const openSession = async (target: Target, environment = testEnvironment): Promise<Opened> => {
  const frames: Sent[] = [];
  const session = await target.open(environment, (port, frame) => {
    frames.push({ port, layers: dissect(frame).map(({ layer }) => layer) });
  });
  open.add(session);
  return {
    session,
    received: () => frames.splice(0),
    async introduce(servicePort = 80) {
      session.send(CLIENT.port, segment({ sourcePort: 1, destinationPort: servicePort }));
      session.send(CLIENT.port, segment({ sourcePort: 1, destinationPort: 9 }));
      await session.settle();
      session.send(SERVER.port, announcement(SERVER, '192.168.1.1'));
      session.send(CLIENT.port, announcement(CLIENT, '10.0.0.1'));
      await session.settle();
      frames.length = 0;
    },
  };
};
