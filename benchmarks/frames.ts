import type { ForwardingMethod } from '../reference/administration/command.ts';
import type { Environment } from '../reference/environment.ts';
import { formatIpv4, parseIpv4 } from '../reference/wire/address.ts';
import { buildPacket } from '../reference/wire/build-packet.ts';
import { adjust16, adjust32 } from '../reference/wire/checksum.ts';
import { ETHERNET } from '../reference/wire/ethernet.ts';
import { IPV4 } from '../reference/wire/ipv4.ts';
import { ethernet, ip, payload, tcp } from '../reference/wire/layer.ts';
import { TCP } from '../reference/wire/tcp.ts';

export const DIRECTOR_MAC = '02:00:00:00:00:01';
const VIRTUAL_ADDRESS = '10.0.0.100';
const SERVER = '10.0.0.11';
const FIRST_CLIENT = parseIpv4('10.1.0.0');
/** Connections of one client. */
const PORTS = 50_000;
const FIRST_PORT = 1024;

/** A director that knows its neighbours, with one service of one server. */
export const environment: Environment = {
  ports: [{ name: 'eth0', mac: DIRECTOR_MAC, addresses: ['10.0.0.1/8'], mtu: 1500 }],
  virtualAddresses: [VIRTUAL_ADDRESS],
  routes: [],
  neighbours: 'derived',
  sysctls: {},
};

export function rules(method: ForwardingMethod): string[] {
  const option = { nat: '-m', tunnel: '-i', 'direct-route': '-g' }[method];
  const service = `-t ${VIRTUAL_ADDRESS}:80`;
  return [`-A ${service} -s rr`, `-a ${service} -r ${SERVER}:80 ${option}`];
}

/** Frames of 64 bytes, the check sequence included: a segment of each connection's client, or of its server. */
export class Frames {
  readonly #size: number;
  readonly #bytes: Uint8Array;

  constructor(connections: number, from: 'client' | 'server', flags: string) {
    const template = templateOf(from, flags);
    this.#size = template.length;
    this.#bytes = new Uint8Array(connections * template.length);
    const view = new DataView(this.#bytes.buffer);
    const ip = ETHERNET.headerLength;
    const transport = ip + IPV4.headerLength;
    const [address, port] = from === 'client' ? [IPV4.source, TCP.sourcePort] : [IPV4.destination, TCP.destinationPort];
    for (let connection = 0; connection < connections; connection++) {
      const start = connection * template.length;
      this.#bytes.set(template, start);
      const client = FIRST_CLIENT + Math.floor(connection / PORTS);
      const clientPort = FIRST_PORT + (connection % PORTS);
      const tcp = start + transport + TCP.checksum;
      view.setUint16(tcp, adjust32(view.getUint16(tcp), FIRST_CLIENT, client));
      view.setUint16(tcp, adjust16(view.getUint16(tcp), FIRST_PORT, clientPort));
      const header = start + ip + IPV4.checksum;
      view.setUint16(header, adjust32(view.getUint16(header), FIRST_CLIENT, client));
      view.setUint32(start + ip + address, client);
      view.setUint16(start + transport + port, clientPort);
    }
  }

  /** The frame of a connection. */
  at(connection: number): Uint8Array {
    return this.#bytes.subarray(connection * this.#size, (connection + 1) * this.#size);
  }
}

/** The frame of the first connection. */
function templateOf(from: 'client' | 'server', flags: string): Uint8Array {
  const client = formatIpv4(FIRST_CLIENT);
  const [source, destination] = from === 'client' ? [client, VIRTUAL_ADDRESS] : [SERVER, client];
  const [sourcePort, destinationPort] = from === 'client' ? [FIRST_PORT, 80] : [80, FIRST_PORT];
  return buildPacket([
    ethernet({ source: '02:00:00:00:00:02', destination: DIRECTOR_MAC }),
    ip({ source, destination }),
    tcp({ sourcePort, destinationPort, flags }),
    payload(new Uint8Array(6)),
  ]);
}

/** Numbers below `count` in an order that no cache foresees, the same each time. */
export function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  let state = 1;
  for (let index = count - 1; index > 0; index--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = state % (index + 1);
    const held = order[index] ?? 0;
    order[index] = order[other] ?? 0;
    order[other] = held;
  }
  return order;
}
