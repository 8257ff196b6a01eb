import { Director } from '../director.ts';
import type { Environment } from '../environment.ts';
import { PROFILES, type Profile } from '../profile.ts';
import { formatMac, parseIpv4, derivedMac } from '../wire/address.ts';
import { buildPacket } from '../wire/build-packet.ts';
import { dissect } from '../wire/dissect.ts';
import { arp, ethernet, ip, tcp, type Layer, type TcpFields } from '../wire/layer.ts';

export const CLIENT = '10.0.0.2';
export const GATEWAY = '10.0.0.254';
export const VIP = '10.0.0.100';
export const SERVERS = ['192.168.1.11', '192.168.1.12', '192.168.1.13', '192.168.1.14'] as const;
export const CLIENT_SIDE = 0;
export const SERVER_SIDE = 1;

const MACS = ['02:00:00:00:00:c1', '02:00:00:00:00:51'] as const;

/** Clients 10.0.0.0/24 on port 0, MTU 9000; servers 192.168.1.0/24 on port 1, MTU 1500; no limit on ICMP errors. */
export const ENVIRONMENT: Environment = {
  ports: [
    { name: 'client', mac: MACS[0], addresses: ['10.0.0.1/24'], mtu: 9000 },
    { name: 'server', mac: MACS[1], addresses: ['192.168.1.1/24'], mtu: 1500 },
  ],
  virtualAddresses: [VIP],
  routes: [{ destination: '0.0.0.0/0', via: GATEWAY }],
  neighbours: 'arp',
  sysctls: { icmp_ratelimit: '0' },
};

/** A frame that the director sent. */
export interface Sent {
  readonly port: number;
  readonly frame: Uint8Array;
  /** From the Ethernet header on. */
  readonly layers: readonly Layer[];
}

export interface DirectorLabOptions {
  readonly rules?: readonly string[];
  readonly profile?: Profile;
  readonly environment?: Partial<Environment>;
}

/** A director with its neighbours known to it: client, gateway, servers. Everything it sends is returned by the call that caused it. */
export class DirectorLab {
  readonly director: Director;
  #sent: Sent[] = [];

  constructor({ rules = [], profile = PROFILES.linux, environment = {} }: DirectorLabOptions = {}) {
    this.director = new Director({
      environment: { ...ENVIRONMENT, ...environment },
      profile,
      transmit: (port, frame) => {
        const copy = frame.slice();
        this.#sent.push({ port, frame: copy, layers: dissect(copy).map(({ layer }) => layer) });
      },
    });
    for (const rule of rules) this.director.administer(rule);
    for (const address of [CLIENT, GATEWAY]) this.introduce(CLIENT_SIDE, address, '10.0.0.1');
    for (const address of SERVERS) this.introduce(SERVER_SIDE, address, '192.168.1.1');
  }

  /** A host makes itself known by asking for the director's MAC. */
  introduce(port: number, address: string, target: string): void {
    const request = arp({ senderMac: macOf(address), senderAddress: address, targetAddress: target });
    this.receive(port, buildPacket([ethernet({ destination: 'ff:ff:ff:ff:ff:ff' }), request]));
  }

  /** A datagram, given as layers from `ip` on, arrives on a port. */
  send(port: number, ...layers: readonly Layer[]): Sent[] {
    return this.receive(port, buildPacket([ethernet({ destination: MACS[port] ?? '' }), ...layers]));
  }

  /** A whole frame arrives. */
  receive(port: number, frame: Uint8Array): Sent[] {
    this.director.receive(port, frame);
    return this.#take();
  }

  fromClient(...layers: readonly Layer[]): Sent[] {
    return this.send(CLIENT_SIDE, ...layers);
  }

  fromServers(...layers: readonly Layer[]): Sent[] {
    return this.send(SERVER_SIDE, ...layers);
  }

  /** A TCP segment from the client's port 40001 to port 80 of the virtual address. */
  clientSegment(flags: string, fields: TcpFields = {}): Sent[] {
    return this.fromClient(
      ip({ source: CLIENT, destination: VIP }),
      tcp({ sourcePort: 40001, destinationPort: 80, flags, ...fields }),
    );
  }

  /** The answer to it from a server's port 80. */
  serverSegment(server: string, flags: string, fields: TcpFields = {}): Sent[] {
    return this.fromServers(
      ip({ source: server, destination: CLIENT }),
      tcp({ sourcePort: 80, destinationPort: 40001, flags, ...fields }),
    );
  }

  advance(seconds: number): Sent[] {
    this.director.advance(seconds * 1000);
    return this.#take();
  }

  /** State and remaining seconds of each connection, e.g. `TCP 0A000002 9C41 … ESTABLISHED 899`. */
  connections(): string[] {
    const [, ...lines] = this.director.connectionsText().trimEnd().split('\n');
    return lines.map((line) => line.replace(/\s+/g, ' ').trim());
  }

  /** `state/seconds` of each connection, e.g. `ESTABLISHED/900`. */
  states(): string[] {
    return this.connections().map((line) => line.split(' ').slice(-2).join('/'));
  }

  #take(): Sent[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }
}

/** The MAC of a host in the lab. */
export function macOf(address: string): string {
  return formatMac(derivedMac(parseIpv4(address)));
}
