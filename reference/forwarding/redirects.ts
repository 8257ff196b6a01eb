import { writeMac } from '../wire/address.ts';
import { ICMP6, ICMP6_TYPE } from '../wire/icmpv6.ts';
import { readIpv6, writeIpv6 } from '../wire/ipv6-address.ts';
import { IPV6, IPV6_MINIMUM_MTU } from '../wire/ipv6.ts';
import { LINK_LAYER_OPTION } from '../wire/neighbour-discovery.ts';
import { icmpv6Message } from './icmpv6-message.ts';
import type { Ipv6Routes } from './ipv6-routes.ts';
import { UNSPECIFIED6 } from './ipv6-scope.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import type { RateLimit } from './rate-limit.ts';
import type { UnicastRoute } from './route.ts';

const HOP_LIMIT = 255;
/** Milliseconds between two redirects about one destination, and between two to one host. */
const INTERVAL = 1000;
/** Target and destination address. */
const ADDRESSES_LENGTH = 32;
const OPTION_UNIT = 8;
const REDIRECTED_HEADER_OPTION = 4;

export interface RedirectsOptions {
  readonly routes: Ipv6Routes;
  readonly limit: RateLimit;
  /** The MAC address of a neighbour, if it is known. */
  readonly mac: (port: number, address: bigint) => number | undefined;
  /** Sends a packet of the director's own; `port` is the wire that a link-local destination is on. */
  readonly send: (packet: PacketBuffer, port: number) => void;
}

/** Tells a host that sends over the director what he could send to his neighbour directly (RFC 4861 §8.2; net/ipv6/ndisc.c:ndisc_send_redirect). */
export class Redirects {
  readonly #options: RedirectsOptions;

  constructor(options: RedirectsOptions) {
    this.#options = options;
  }

  /** `about` leaves by the port it came in. */
  send(about: PacketBuffer, { nextHop }: UnicastRoute): void {
    const { routes, limit, mac, send } = this.#options;
    const { view, start, port } = about;
    const sender = readIpv6(view, start + IPV6.source);
    const destination = readIpv6(view, start + IPV6.destination);
    if (!limit.allows(destination, INTERVAL)) return;
    // Only a neighbour can be told, and only of a neighbour: gateways have no link-local address here.
    const back = routes.lookup(sender, port);
    const isNeighbour = back.kind === 'unicast' && back.nextHop === sender;
    if (nextHop !== destination || sender === UNSPECIFIED6 || !isNeighbour) return;
    if (!limit.allows(sender, INTERVAL)) return;
    send(
      icmpv6Message({
        source: routes.linkLocal(port),
        destination: sender,
        hopLimit: HOP_LIMIT,
        typeAndCode: ICMP6_TYPE.redirect << 8,
        rest: 0,
        body: redirectBody(about, destination, mac(port, destination)),
      }),
      port,
    );
  }
}

/** Target and destination, both the neighbour; his MAC address if it is known; as much of the packet as fits (RFC 4861 §4.5, §4.6.3). */
function redirectBody({ bytes, start, length }: PacketBuffer, neighbour: bigint, mac: number | undefined): Uint8Array {
  const optionLength = mac === undefined ? 0 : OPTION_UNIT;
  const room = IPV6_MINIMUM_MTU - IPV6.headerLength - ICMP6.headerLength - ADDRESSES_LENGTH - optionLength;
  const quoteLength = Math.min(room, length + OPTION_UNIT) & ~7;
  const quote = ADDRESSES_LENGTH + optionLength;
  const body = new Uint8Array(quote + quoteLength);
  const view = new DataView(body.buffer);
  writeIpv6(view, 0, neighbour);
  writeIpv6(view, ADDRESSES_LENGTH / 2, neighbour);
  if (mac !== undefined) {
    view.setUint8(ADDRESSES_LENGTH, LINK_LAYER_OPTION.target);
    view.setUint8(ADDRESSES_LENGTH + 1, 1);
    writeMac(view, ADDRESSES_LENGTH + 2, mac);
  }
  view.setUint8(quote, REDIRECTED_HEADER_OPTION);
  view.setUint8(quote + 1, quoteLength / OPTION_UNIT);
  body.set(bytes.subarray(start, start + quoteLength - OPTION_UNIT), quote + OPTION_UNIT);
  return body;
}
