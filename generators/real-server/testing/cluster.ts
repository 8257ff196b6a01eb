import { Clock } from '../../../reference/clock.ts';
import { Director } from '../../../reference/director.ts';
import { PROFILES } from '../../../reference/profile.ts';
import { dissect } from '../../../reference/wire/packet.ts';
import type { LayerOf } from '../../../reference/wire/layer.ts';
import { Sockets } from '../../hosts/sockets.ts';
import { ModelServer } from '../model-server.ts';
import { requestFor, SERVICE_PORT } from '../service.ts';
import { SERVER_NETWORK } from '../server-network.ts';
import type { ServerSetup } from '../server-setup.ts';

const CLIENTS_LAN = 0;
const SERVERS_LAN = 1;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const DIRECTOR_MACS = ['02:00:00:00:00:c1', SERVER_NETWORK.director.mac];
const ROUTER_MACS = ['02:00:00:00:00:cf', SERVER_NETWORK.router.mac];

interface Attached {
  readonly lan: number;
  readonly mac: string;
  receive(frame: Uint8Array): void;
}

interface OnWire {
  readonly lan: number;
  readonly frame: Uint8Array;
}

/** What the network does with the next frame: which of those under way arrives, and whether it does so not at all or twice. */
export interface Chance {
  readonly which: number;
  readonly fate: 'arrives' | 'is lost' | 'arrives twice';
}

export interface Download {
  readonly count: number;
  readonly seed: number;
  /** All that the server sent, once it has sent everything. */
  response: Uint8Array | undefined;
}

/** Clients, the reference director, model servers and the servers' own router on two LANs, in memory and in virtual time. */
export class Cluster {
  readonly director: Director;
  /** IP headers and segments that reached the director. */
  readonly seenByDirector: LayerOf<'ip' | 'tcp' | 'udp'>[][] = [];
  /** Source addresses of what reached clients. */
  readonly sourcesSeenByClients = new Set<string>();
  readonly #router: Director;
  readonly #clock = new Clock();
  readonly #attached: Attached[] = [];
  readonly #clients: Sockets[] = [];
  readonly #underWay: OnWire[] = [];

  constructor(setup: ServerSetup, serverCount: number, clientCount: number, option: '-m' | '-i' | '-g') {
    const { virtualAddress, director, router } = SERVER_NETWORK;
    const ports = (macs: readonly string[], inside: string, outside: string) => [
      { name: 'client', mac: macs[0] ?? '', addresses: [`${outside}/24`], mtu: 1500 },
      { name: 'server', mac: macs[1] ?? '', addresses: [`${inside}/24`], mtu: 1500 },
    ];
    this.director = this.#attach(DIRECTOR_MACS, ports(DIRECTOR_MACS, director.address, '10.0.0.1'), [virtualAddress]);
    this.#router = this.#attach(ROUTER_MACS, ports(ROUTER_MACS, router.address, '10.0.0.254'), []);
    this.director.administer(`-A -t ${virtualAddress}:${SERVICE_PORT} -s rr`);
    for (let index = 0; index < serverCount; index++) {
      const place = { mac: `02:00:00:00:01:0${index}`, address: `192.168.1.${11 + index}` };
      const transmit = this.#wire(SERVERS_LAN);
      const server = new ModelServer({ setup, clock: this.#clock, transmit, place });
      this.#attached.push({ lan: SERVERS_LAN, mac: place.mac, receive: (frame) => server.receive(frame) });
      this.director.administer(`-a -t ${virtualAddress}:${SERVICE_PORT} -r ${place.address}:${SERVICE_PORT} ${option}`);
    }
    for (let index = 0; index < clientCount; index++) {
      this.#addClient(CLIENTS_LAN, `02:00:00:00:02:0${index}`, `10.0.0.${2 + index}`, '10.0.0.254');
    }
  }

  /** A client on the servers' own LAN, with the director as gateway: his number. */
  addClientBesideServers(): number {
    const { mac, address } = SERVER_NETWORK.neighbour;
    return this.#addClient(SERVERS_LAN, mac, address, SERVER_NETWORK.director.address);
  }

  /** A client asks for content. */
  download(client: number, localPort: number, count: number, seed: number): Download {
    const download: Download = { count, seed, response: undefined };
    let received = new Uint8Array(0);
    const stream = this.#clients[client]?.connect(localPort, SERVER_NETWORK.virtualAddress, SERVICE_PORT, {
      received: (data) => (received = Uint8Array.from([...received, ...data])),
      ended: () => {
        download.response = received;
        stream?.close();
      },
    });
    stream?.write(Uint8Array.from(requestFor(count, seed), (character) => character.charCodeAt(0)));
    return download;
  }

  /** Lets frames arrive by chance, then in order, and time pass where none is under way, until nothing is left to do or the time is over. */
  run(chances: readonly Chance[], seconds: number, isDone: () => boolean): void {
    const left = [...chances];
    for (let second = 0; second < seconds && !isDone(); second++) {
      while (this.#underWay.length > 0) this.#arrive(left.shift() ?? { which: 0, fate: 'arrives' });
      this.#clock.advance(1000, () => undefined);
      for (const director of [this.director, this.#router]) director.advance(1000);
    }
  }

  #arrive({ which, fate }: Chance): void {
    const [next] = this.#underWay.splice(which % this.#underWay.length, 1);
    if (next === undefined || fate === 'is lost') return;
    if (fate === 'arrives twice') this.#underWay.push(next);
    const [ethernet] = dissect(next.frame);
    const destination = ethernet?.layer.kind === 'ethernet' ? (ethernet.layer.destination ?? '') : '';
    for (const host of this.#attached) {
      const isMeant = host.mac === destination || destination === BROADCAST;
      if (host.lan === next.lan && isMeant) host.receive(next.frame);
    }
  }

  #attach(
    macs: readonly string[],
    ports: readonly { name: string; mac: string; addresses: string[]; mtu: number }[],
    virtualAddresses: readonly string[],
  ): Director {
    const director = new Director({
      environment: { ports, virtualAddresses, routes: [], neighbours: 'arp', sysctls: { icmp_ratelimit: '0' } },
      profile: PROFILES.linux,
      transmit: (port, frame) => this.#wire(port)(frame),
    });
    macs.forEach((mac, lan) => {
      const receive = (frame: Uint8Array): void => {
        if (macs === DIRECTOR_MACS) this.#noteDirector(frame);
        director.receive(lan, frame);
      };
      this.#attached.push({ lan, mac, receive });
    });
    return director;
  }

  #addClient(lan: number, mac: string, address: string, gateway: string): number {
    const client = new Sockets({
      configuration: {
        port: { name: 'eth0', mac, addresses: [`${address}/24`], mtu: 1500 },
        devices: { lo: ['127.0.0.1'] },
        gateway,
        redirected: [],
        dropsIcmp: false,
        sysctls: {},
      },
      clock: this.#clock,
      transmit: this.#wire(lan),
    });
    const receive = (frame: Uint8Array): void => {
      const header = dissect(frame)[1]?.layer;
      if (header?.kind === 'ip') this.sourcesSeenByClients.add(header.source ?? '');
      client.receive(frame);
    };
    this.#attached.push({ lan, mac, receive });
    return this.#clients.push(client) - 1;
  }

  #noteDirector(frame: Uint8Array): void {
    const layers = dissect(frame).map(({ layer }) => layer);
    const noted = layers.filter((layer) => layer.kind === 'ip' || layer.kind === 'tcp' || layer.kind === 'udp');
    if (noted.length > 0) this.seenByDirector.push(noted);
  }

  #wire(lan: number): (frame: Uint8Array) => void {
    return (frame) => this.#underWay.push({ lan, frame: frame.slice() });
  }
}
