import { InternalFault } from '../../../reference/errors.ts';
import type { TcpFields } from '../../../reference/wire/layer.ts';
import { addressOf, type IpHeader, translatedHeader } from '../../harness/flow-headers.ts';
import type { Host, Lab, Packet } from '../../harness/lab.ts';
import { ethernet, payload, tcp } from '../../harness/layers.ts';

/** The two ends of a TCP connection under VS/NAT, and what each of them takes the other for. The virtual address says of which family. */
export interface Ends {
  readonly client: Host;
  readonly clientPort: number;
  readonly virtualAddress: string;
  readonly virtualPort: number;
  readonly server: Host;
  readonly serverPort: number;
}

/** One segment. */
export interface Segment {
  readonly payload?: string;
  /** What must arrive instead of the payload; `any`: some other text, which the call returns. */
  readonly arrives?: string | { readonly any: true };
  /** A segment sent before and now again: how many bytes back its first byte lies, as its sender and as its receiver count. */
  readonly again?: { readonly sent: number; readonly received: number };
  /** TCP options in hexadecimal, and what must become of them; by default they stay. */
  readonly options?: string;
  readonly optionsArrive?: string;
}

/** The numbers of one end: of the next byte it sends, and of the next it waits for, as it counts itself. */
interface Numbers {
  sends: number;
  awaits: number;
  id: number;
}

/**
 * A TCP connection through VS/NAT whose payload may be translated on the way. Unlike a `Flow` it counts each end's bytes by itself:
 * where the director made a segment longer or shorter, what arrives must fit what the receiver counted, and what he acknowledges must
 * reach the sender in the sender's numbers (RFC 9293 §3.4). Everything else of every packet is checked as a flow does.
 */
export class TranslatedTcp {
  readonly #lab: Lab;
  readonly #ends: Ends;
  readonly #client: Numbers = { sends: 1000, awaits: 0, id: 0x1234 };
  readonly #server: Numbers = { sends: 5000, awaits: 0, id: 0x7777 };

  constructor(lab: Lab, ends: Ends) {
    this.#lab = lab;
    this.#ends = ends;
  }

  get ends(): Ends {
    return this.#ends;
  }

  /** The client opens the connection. */
  async open(): Promise<void> {
    await this.clientSends('S');
    await this.serverSends('AS');
    await this.clientSends('A');
  }

  /** The server opens the connection. */
  async openFromServer(): Promise<void> {
    await this.serverSends('S');
    await this.clientSends('AS');
    await this.serverSends('A');
  }

  /** A segment from the client must reach the server. Returns the text that arrives. */
  async clientSends(flags: string, segment: Segment = {}): Promise<string> {
    const { client, clientPort, virtualPort, server, serverPort } = this.#ends;
    const sent = this.#segment(this.#client, flags, segment);
    const header = this.#fromClient(sent.header);
    await client.sends(
      header,
      tcp({ ...sent.fields, sourcePort: clientPort, destinationPort: virtualPort }),
      ...data(segment.payload),
    );
    const expected = this.#expected(this.#server, flags, segment);
    const packet = server.receives(
      ethernet({ source: this.#lab.director.server.mac, destination: server.mac }),
      translatedHeader(withLength(header, segment), { destination: this.#address(server) }),
      tcp({ ...expected, sourcePort: clientPort, destinationPort: serverPort }),
      ...data(awaitedText(segment)),
    );
    return this.#settle(this.#client, this.#server, flags, segment, packet);
  }

  /** A segment from the server must reach the client. Returns the text that arrives. */
  async serverSends(flags: string, segment: Segment = {}): Promise<string> {
    const { client, clientPort, virtualAddress, virtualPort, server, serverPort } = this.#ends;
    const sent = this.#segment(this.#server, flags, segment);
    const header = this.#fromServer(sent.header);
    await server.sends(
      header,
      tcp({ ...sent.fields, sourcePort: serverPort, destinationPort: clientPort }),
      ...data(segment.payload),
    );
    const expected = this.#expected(this.#client, flags, segment);
    const packet = client.receives(
      ethernet({ source: this.#lab.director.client.mac, destination: client.mac }),
      translatedHeader(withLength(header, segment), { source: virtualAddress }),
      tcp({ ...expected, sourcePort: virtualPort, destinationPort: clientPort }),
      ...data(awaitedText(segment)),
    );
    return this.#settle(this.#server, this.#client, flags, segment, packet);
  }

  /** A segment of the client that must reach nobody; its bytes do not count. */
  async clientSendsInVain(flags: string, segment: Segment & { readonly tcp?: TcpFields }): Promise<void> {
    const { client, clientPort, virtualPort } = this.#ends;
    const { header, fields } = this.#segment(this.#client, flags, segment);
    await client.sends(
      this.#fromClient(header),
      tcp({ ...fields, sourcePort: clientPort, destinationPort: virtualPort, ...segment.tcp }),
      ...data(segment.payload),
    );
    this.#lab.nothingElse();
  }

  /** A segment of the server that must reach nobody; its bytes do not count. */
  async serverSendsInVain(flags: string, segment: Segment & { readonly tcp?: TcpFields }): Promise<void> {
    const { clientPort, server, serverPort } = this.#ends;
    const { header, fields } = this.#segment(this.#server, flags, segment);
    await server.sends(
      this.#fromServer(header),
      tcp({ ...fields, sourcePort: serverPort, destinationPort: clientPort, ...segment.tcp }),
      ...data(segment.payload),
    );
    this.#lab.nothingElse();
  }

  get #family(): 'ipv4' | 'ipv6' {
    return this.#ends.virtualAddress.includes(':') ? 'ipv6' : 'ipv4';
  }

  #address(host: Host): string {
    return addressOf(host, this.#family);
  }

  #fromClient(header: IpHeader): IpHeader {
    const { client, virtualAddress } = this.#ends;
    return { ...header, source: this.#address(client), destination: virtualAddress };
  }

  #fromServer(header: IpHeader): IpHeader {
    const { client, server } = this.#ends;
    return { ...header, source: this.#address(server), destination: this.#address(client) };
  }

  #segment(
    from: Numbers,
    flags: string,
    { again, options }: Segment,
  ): { readonly header: IpHeader; readonly fields: TcpFields } {
    const id = from.id;
    from.id = (id + 1) & 0xffff;
    return {
      header:
        this.#family === 'ipv4'
          ? { kind: 'ip', id, tos: 0, df: true, ttl: 64 }
          : { kind: 'ip6', flowLabel: id, trafficClass: 0, hopLimit: 64 },
      fields: {
        sequence: from.sends - (again?.sent ?? 0),
        acknowledgement: flags.includes('A') ? from.awaits : 0,
        flags,
        window: 8192,
        ...(options === undefined ? {} : { options }),
      },
    };
  }

  #expected(to: Numbers, flags: string, { again, options, optionsArrive = options }: Segment): TcpFields {
    return {
      // Who has not heard of the other yet takes any number: `#settle` remembers it.
      ...(flags.includes('S') ? {} : { sequence: to.awaits - (again?.received ?? 0) }),
      acknowledgement: flags.includes('A') ? to.sends : 0,
      flags,
      window: 8192,
      urgent: 0,
      options: optionsArrive ?? '',
    };
  }

  #settle(from: Numbers, to: Numbers, flags: string, segment: Segment, { layers }: Packet): string {
    const last = layers.at(-1)?.layer;
    const text = last?.kind === 'payload' ? textOf(last.data ?? '') : '';
    if (segment.again !== undefined) return text;
    if (flags.includes('S')) {
      const header = layers.find(({ layer }) => layer.kind === 'tcp')?.layer;
      if (header?.kind !== 'tcp') throw new InternalFault('a segment without a TCP header');
      to.awaits = header.sequence ?? 0;
    }
    const occupied = Number(flags.includes('S')) + Number(flags.includes('F'));
    from.sends += (segment.payload ?? '').length + occupied;
    to.awaits += text.length + occupied;
    return text;
  }
}

const data = (text: string | undefined) => (text === undefined || text === '' ? [] : [payload(text)]);

/** The text that must arrive; undefined where any will do. */
function awaitedText({ payload: sent = '', arrives = sent }: Segment): string | undefined {
  return typeof arrives === 'string' ? arrives : undefined;
}

/** With the length that follows from it. */
function withLength(header: IpHeader, segment: Segment): IpHeader {
  const text = awaitedText(segment);
  if (text === undefined) return header;
  const length = 20 + (segment.options ?? '').length / 2 + text.length;
  return header.kind === 'ip' ? { ...header, totalLength: 20 + length } : { ...header, payloadLength: length };
}

function textOf(hex: string): string {
  let text = '';
  for (let at = 0; at < hex.length; at += 2) text += String.fromCharCode(Number.parseInt(hex.slice(at, at + 2), 16));
  return text;
}
