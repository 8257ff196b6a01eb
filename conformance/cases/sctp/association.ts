import { CHUNK_TYPE } from '../../../reference/wire/sctp-chunk.ts';
import type { Layer } from '../../../reference/wire/layer.ts';
import type { Host, Lab } from '../../harness/lab.ts';
import { chunk, ip, ip6, sctp } from '../../harness/layers.ts';

/** A chunk by its name, with a value as long as the chunk of that type needs. */
export const CHUNKS = {
  DATA: chunk({ type: CHUNK_TYPE.data, flags: 3, data: '00000001000000000000000068656c6c' }),
  INIT: chunk({ type: CHUNK_TYPE.init, data: '0000000100010000000a000a00000001' }),
  INIT_ACK: chunk({ type: CHUNK_TYPE.initAck, data: '0000000200010000000a000a000000010007000801020304' }),
  SACK: chunk({ type: CHUNK_TYPE.sack, data: '000000010001000000000000' }),
  HEARTBEAT: chunk({ type: CHUNK_TYPE.heartbeat, data: '0001000801020304' }),
  HEARTBEAT_ACK: chunk({ type: CHUNK_TYPE.heartbeatAck, data: '0001000801020304' }),
  ABORT: chunk({ type: CHUNK_TYPE.abort }),
  SHUTDOWN: chunk({ type: CHUNK_TYPE.shutdown, data: '00000001' }),
  SHUTDOWN_ACK: chunk({ type: CHUNK_TYPE.shutdownAck }),
  ERROR: chunk({ type: CHUNK_TYPE.error, data: '00030008deadbeef' }),
  COOKIE_ECHO: chunk({ type: CHUNK_TYPE.cookieEcho, data: '01020304' }),
  COOKIE_ACK: chunk({ type: CHUNK_TYPE.cookieAck }),
  ECNE: chunk({ type: CHUNK_TYPE.ecne, data: '00000001' }),
  CWR: chunk({ type: CHUNK_TYPE.cwr, data: '00000001' }),
  SHUTDOWN_COMPLETE: chunk({ type: CHUNK_TYPE.shutdownComplete }),
} as const;

export type ChunkName = keyof typeof CHUNKS;

export interface AssociationOptions {
  /** The client's port. Default 40001. */
  readonly port?: number;
  /** The real server's. Default 90, as the service's. */
  readonly realPort?: number;
  readonly method?: 'nat' | 'direct-route';
  /** Default `ipv4`. */
  readonly family?: 'ipv4' | 'ipv6';
}

/** An SCTP association between the client and server 1 whose sides send any chunks in any order. Each packet must be forwarded, its CRC right. */
export class Association {
  readonly port: number;
  readonly #lab: Lab;
  readonly #server: Host;
  readonly #realPort: number;
  readonly #method: 'nat' | 'direct-route';
  readonly #family: 'ipv4' | 'ipv6';
  #tag = 1;

  constructor(lab: Lab, { port = 40001, realPort = 90, method = 'nat', family = 'ipv4' }: AssociationOptions = {}) {
    this.#lab = lab;
    this.#server = lab.servers[0];
    this.port = port;
    this.#realPort = realPort;
    this.#method = method;
    this.#family = family;
  }

  async clientSends(...names: readonly ChunkName[]): Promise<void> {
    const { client } = this.#lab;
    const chunks: readonly Layer[] = names.map((name) => CHUNKS[name]);
    const header = { sourcePort: this.port, verificationTag: this.#tag++ };
    const [source, virtual, real] = this.#addresses();
    await client.sends(this.#sent(virtual), sctp({ ...header, destinationPort: 90 }), ...chunks);
    const isNat = this.#method === 'nat';
    this.#server.receives(
      this.#received(source, isNat ? real : virtual),
      sctp({ ...header, destinationPort: isNat ? this.#realPort : 90 }),
      ...chunks,
    );
  }

  /** VS/NAT only. */
  async serverSends(...names: readonly ChunkName[]): Promise<void> {
    const { client } = this.#lab;
    const chunks: readonly Layer[] = names.map((name) => CHUNKS[name]);
    const header = { destinationPort: this.port, verificationTag: this.#tag++ };
    const [destination, virtual] = this.#addresses();
    await this.#server.sends(this.#sent(destination), sctp({ ...header, sourcePort: this.#realPort }), ...chunks);
    client.receives(this.#received(virtual, destination), sctp({ ...header, sourcePort: 90 }), ...chunks);
  }

  async establish(): Promise<void> {
    await this.clientSends('INIT');
    if (this.#method === 'nat') await this.serverSends('INIT_ACK');
    await this.clientSends('COOKIE_ECHO');
    if (this.#method === 'nat') await this.serverSends('COOKIE_ACK');
  }
  /** Those of the client, of the service and of the server. */
  #addresses(): readonly [string, string, string] {
    const { client, vip, vip6 } = this.#lab;
    return this.#family === 'ipv4'
      ? [client.address, vip, this.#server.address]
      : [client.address6, vip6, this.#server.address6];
  }

  #sent(destination: string): Layer {
    return this.#family === 'ipv4' ? ip({ destination }) : ip6({ destination });
  }

  #received(source: string, destination: string): Layer {
    return this.#family === 'ipv4' ? ip({ source, destination, ttl: 63 }) : ip6({ source, destination, hopLimit: 63 });
  }
}
