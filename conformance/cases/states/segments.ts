import type { Host, Lab } from '../../harness/lab.ts';
import { ethernet, ip, tcp } from '../../harness/layers.ts';

export interface SegmentsOptions {
  /** The client's port. */
  readonly port: number;
  /** Default 80; the real server has the same. */
  readonly virtualPort?: number;
  readonly method?: 'nat' | 'direct-route';
}

/** The next sequence number of every segment; the director is not to look at it (ip_vs_proto_tcp.c:set_tcp_state). */
const SEQUENCE_STEP = 1_000_000;

/**
 * A TCP connection with server 1 that sends segments in any order, also one that no TCP would: by each side at any time, before any other
 * segment too. Each must be forwarded. For conversations as they should be there is `lab.flow`.
 */
export class Segments {
  readonly port: number;
  readonly #lab: Lab;
  readonly #server: Host;
  readonly #virtualPort: number;
  readonly #method: 'nat' | 'direct-route';
  #sequence = 1;

  constructor(lab: Lab, { port, virtualPort = 80, method = 'nat' }: SegmentsOptions) {
    this.#lab = lab;
    this.#server = lab.servers[0];
    this.port = port;
    this.#virtualPort = virtualPort;
    this.#method = method;
  }

  /** @param flags as in `tcp({ flags })`; `''` is a segment without any */
  async clientSends(flags: string): Promise<void> {
    const { client, vip, director } = this.#lab;
    const segment = tcp({ ...this.#numbers(), sourcePort: this.port, destinationPort: this.#virtualPort, flags });
    await client.sends(ip({ destination: vip }), segment);
    this.#server.receives(
      ethernet({ source: director.server.mac, destination: this.#server.mac }),
      ip({
        source: client.address,
        destination: this.#method === 'nat' ? this.#server.address : vip,
        ttl: 63,
      }),
      segment,
    );
  }

  /** VS/NAT only. */
  async serverSends(flags: string): Promise<void> {
    const { client, vip } = this.#lab;
    const segment = tcp({ ...this.#numbers(), sourcePort: this.#virtualPort, destinationPort: this.port, flags });
    await this.#server.sends(ip({ destination: client.address }), segment);
    client.receives(ip({ source: vip, destination: client.address, ttl: 63 }), segment);
  }

  #numbers(): { readonly sequence: number; readonly acknowledgement: number } {
    this.#sequence = (this.#sequence + SEQUENCE_STEP) >>> 0;
    return { sequence: this.#sequence, acknowledgement: (this.#sequence ^ 0x5555_5555) >>> 0 };
  }
}
