import type { Flow, FlowOptions } from '../../harness/flow.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, tcp } from '../../harness/layers.ts';

const FIRST_PORT = 40001;

/** New connections one after the other, each from a client port of its own. Servers are told by their number, 1 to 4. */
export class Requests {
  /** Every connection so far that got a server. */
  readonly flows: Flow[] = [];
  readonly #lab: Lab;
  readonly #options: FlowOptions;
  #port: number;

  constructor(lab: Lab, { port = FIRST_PORT, ...options }: FlowOptions = {}) {
    this.#lab = lab;
    this.#options = options;
    this.#port = port;
  }

  /** Opens `count` connections and tells which server each got. */
  async next(count: number): Promise<readonly number[]> {
    const chosen: number[] = [];
    for (let number = 0; number < count; number++) {
      const flow = this.#lab.flow({ ...this.#options, port: this.#port++ });
      await flow.clientSends('S');
      this.flows.push(flow);
      chosen.push(this.#lab.servers.indexOf(flow.server) + 1);
    }
    return chosen;
  }

  /** A connection that no server is there for: fails unless the client hears so (ip_vs_core.c:ip_vs_leave). */
  async refused(): Promise<void> {
    const { client, vip } = this.#lab;
    await client.sends(ip({ destination: vip }), tcp({ sourcePort: this.#port++, destinationPort: 80, flags: 'S' }));
    client.receives(ip({ source: vip, destination: client.address }), icmp({ type: 3, code: 3 }));
    this.#lab.nothingElse();
  }

  /** The open connections of a server. */
  of(server: number): readonly Flow[] {
    return this.flows.filter((flow) => flow.server === this.#lab.servers[server - 1]);
  }
}

/** How often each of servers 1 to 4 was chosen. */
export function shares(chosen: readonly number[]): readonly number[] {
  return [1, 2, 3, 4].map((server) => chosen.filter((number) => number === server).length);
}

/** Rules of a TCP service with servers 1 to n under VS/NAT, added in this order, with these weights. */
export function service(scheduler: string, weights: readonly number[], service = '-t 10.0.0.100:80'): string {
  const servers = weights.map((weight, index) => `-a ${service} -r 192.168.1.1${index + 1}:80 -m -w ${weight}`);
  return [`-A ${service} -s ${scheduler}`, ...servers].join('\n');
}

/** The command that gives server `number` of the service another weight. */
export function weigh(number: number, weight: number, service = '-t 10.0.0.100:80'): string {
  return `-e ${service} -r 192.168.1.1${number}:80 -m -w ${weight}`;
}
