import { ExpectationFailed } from '../../harness/expectation-failed.ts';
import type { Host, Lab } from '../../harness/lab.ts';
import type { Segment } from './translated-tcp.ts';
import { TranslatedTcp } from './translated-tcp.ts';

/** One FTP service under VS/NAT with one server. */
export const oneServer = `
  -A -t 10.0.0.100:21 -s rr
  -a -t 10.0.0.100:21 -r 192.168.1.11:21 -m -w 1
`;

/** An address and port as FTP's messages carry them. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface ControlOptions {
  readonly client?: Host;
  readonly clientPort?: number;
  readonly virtualAddress?: string;
  readonly server?: Host;
  readonly serverPort?: number;
}

/** An FTP control connection through VS/NAT (RFC 959 §2.3), a line a segment. */
export class ControlConnection {
  readonly tcp: TranslatedTcp;
  readonly #lab: Lab;

  private constructor(lab: Lab, tcp: TranslatedTcp) {
    this.#lab = lab;
    this.tcp = tcp;
  }

  /** Opens a connection and lets the server greet; the user logs in. */
  static async open(lab: Lab, options: ControlOptions = {}): Promise<ControlConnection> {
    const ends = {
      client: lab.client,
      clientPort: 40001,
      virtualAddress: lab.vip,
      virtualPort: 21,
      server: lab.servers[0],
      serverPort: 21,
      ...options,
    };
    const control = new ControlConnection(lab, new TranslatedTcp(lab, ends));
    await control.tcp.open();
    await control.reply('220 ready');
    await control.command('USER anonymous');
    await control.reply('230 logged in');
    return control;
  }

  get server(): Host {
    return this.tcp.ends.server;
  }

  /** The client's command must reach the server as it is. */
  async command(line: string): Promise<void> {
    await this.tcp.clientSends('AP', { payload: `${line}\r\n` });
  }

  /** The server's reply must reach the client; by default as it is. Returns what he gets, without the end of line. */
  async reply(line: string, segment: Segment = {}): Promise<string> {
    const text = await this.tcp.serverSends('AP', { payload: `${line}\r\n`, ...segment });
    if (text.endsWith('\r\n')) return text.slice(0, -2);
    throw new ExpectationFailed(['a reply should end with CR LF', `came: ${JSON.stringify(text)}`]);
  }

  /** `PASV`, which the server answers with its own address (RFC 959 §4.1.2). Returns what the client gets to know, for his data connection. */
  async passive(
    port: number,
    { command = 'PASV', reply }: { command?: string; reply?: string } = {},
  ): Promise<Endpoint> {
    const said = reply ?? `227 Entering Passive Mode (${numbers(this.server.address, port)}).`;
    await this.command(command);
    return this.#named(await this.reply(said, { arrives: { any: true } }), said);
  }

  /** `EPSV`, which the server answers with a port alone (RFC 2428 §3). Returns the port that the client gets to know. */
  async extendedPassive(port: number): Promise<number> {
    await this.command('EPSV');
    const text = await this.reply(`229 Entering Extended Passive Mode (|||${port}|)`, { arrives: { any: true } });
    const named = /^229 Entering Extended Passive Mode \(([!-~])\1\1(\d{1,5})\1\)$/.exec(text)?.[2];
    if (named !== undefined) return Number(named);
    throw new ExpectationFailed(['the client should get a reply 229 with a port', `came: ${JSON.stringify(text)}`]);
  }

  /** A data connection that the client opens to what the reply named; it must reach the same server at its port. */
  passiveData(named: number | Endpoint, serverPort: number, clientPort = 40500): TranslatedTcp {
    const port = typeof named === 'number' ? named : named.port;
    return new TranslatedTcp(this.#lab, { ...this.tcp.ends, clientPort, virtualPort: port, serverPort });
  }

  /** A data connection that the server opens to the client, from the port beside that of the control connection (RFC 959 §5.2). */
  activeData(clientPort: number): TranslatedTcp {
    const { virtualPort, serverPort } = this.tcp.ends;
    const ports = { clientPort, virtualPort: virtualPort - 1, serverPort: serverPort - 1 };
    return new TranslatedTcp(this.#lab, { ...this.tcp.ends, ...ports });
  }

  /** The reply may differ from what the server said in the six numbers only. */
  #named(text: string, reply: string): Endpoint {
    const pattern = /(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})/;
    const [, a = '', b = '', c = '', d = '', high = '', low = ''] = pattern.exec(text) ?? [];
    if (text.replace(pattern, '') !== reply.replace(pattern, '') || low === '') {
      throw new ExpectationFailed([
        `the client should get the reply with an address and port: ${JSON.stringify(reply)}`,
        `came: ${JSON.stringify(text)}`,
      ]);
    }
    return { address: [a, b, c, d].join('.'), port: Number(high) * 256 + Number(low) };
  }
}

/** `h1,h2,h3,h4,p1,p2` (RFC 959 §4.1.2). */
export function numbers(address: string, port: number): string {
  return [...address.split('.'), port >> 8, port & 0xff].join(',');
}

/** Data both ways, more than one segment, every byte value; then the end of the connection. */
export async function carriesData(data: TranslatedTcp): Promise<void> {
  const bytes = (from: number) =>
    String.fromCharCode(...Array.from({ length: 256 }, (_, index) => (from + index) % 256));
  await data.serverSends('A', { payload: bytes(0) });
  await data.serverSends('AP', { payload: bytes(128) });
  await data.clientSends('AP', { payload: bytes(64) });
  await data.serverSends('AF');
  await data.clientSends('AF');
  await data.serverSends('A');
}
