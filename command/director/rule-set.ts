import { isDeepStrictEqual } from 'node:util';
import type {
  Command,
  ServerAddress,
  ServerSettings,
  ServiceAddress,
  ServiceSettings,
} from '../../reference/administration/command.ts';
import { isServiceCommand } from '../../reference/administration/command.ts';
import { formatAddress } from '../../reference/wire/ip-address.ts';

interface Service {
  readonly address: ServiceAddress;
  settings: ServiceSettings;
  readonly servers: Map<string, Server>;
}

interface Server {
  readonly address: ServerAddress;
  settings: ServerSettings;
}

/** What a rules file wants the director to be, so that another file's wish can be reached by the fewest commands. */
export class RuleSet {
  readonly #services = new Map<string, Service>();
  /** Timeouts and daemons: the last word on each. */
  readonly #others = new Map<string, Command>();

  /** @param commands of a whole rules file, which fit one another */
  constructor(commands: readonly Command[] = []) {
    for (const command of commands) this.#add(command);
  }

  /** Texts of the services' addresses, each once. */
  get virtualAddresses(): string[] {
    const addresses = [...this.#services.values()].filter(({ address }) => address.fwmark === 0);
    return [...new Set(addresses.map(({ address }) => formatAddress(address.address)))];
  }

  get serviceCount(): number {
    return this.#services.size;
  }

  get serverCount(): number {
    return [...this.#services.values()].reduce((count, { servers }) => count + servers.size, 0);
  }

  /**
   * The commands that make of a director with the present rules one with those. What stays is not touched, so that its connections,
   * counters and its scheduler's state stay too. What comes stands before what goes: there is no moment without a server.
   */
  changesTo(wanted: RuleSet): Command[] {
    const changes: Command[] = [];
    for (const [key, command] of this.#others) {
      const isOther = !isDeepStrictEqual(wanted.#others.get(key), command);
      if (isOther && command.kind === 'start-daemon') changes.push({ kind: 'stop-daemon', role: command.role });
    }
    for (const [key, command] of wanted.#others) {
      if (!isDeepStrictEqual(this.#others.get(key), command)) changes.push(command);
    }
    for (const [key, service] of wanted.#services) {
      const present = this.#services.get(key);
      if (present === undefined) {
        changes.push({ kind: 'add-service', service: service.address, settings: service.settings });
      } else if (!isDeepStrictEqual(present.settings, service.settings)) {
        changes.push({ kind: 'edit-service', service: service.address, settings: service.settings });
      }
      changes.push(...serverChanges(service.address, present?.servers ?? new Map<string, Server>(), service.servers));
    }
    for (const [key, { address }] of this.#services) {
      if (!wanted.#services.has(key)) changes.push({ kind: 'delete-service', service: address });
    }
    return changes;
  }

  /** The commands after which no server takes a new connection; the connections that there are go on. */
  quiesce(): Command[] {
    return [...this.#services.values()].flatMap(({ address: service, servers }) =>
      [...servers.values()].map(({ address: server, settings }): Command => ({
        kind: 'edit-server',
        service,
        server,
        settings: { ...settings, weight: 0 },
      })),
    );
  }

  #add(command: Command): void {
    if (!isServiceCommand(command)) {
      this.#others.set(command.kind === 'set-timeouts' ? command.kind : `daemon ${command.role}`, command);
      return;
    }
    switch (command.kind) {
      case 'add-service':
        this.#services.set(keyOf(command.service), {
          address: command.service,
          settings: command.settings,
          servers: new Map(),
        });
        break;
      case 'edit-service':
        this.#service(command.service, (service) => (service.settings = command.settings));
        break;
      case 'delete-service':
        this.#services.delete(keyOf(command.service));
        break;
      case 'add-server':
      case 'edit-server': {
        const { server: address, settings } = command;
        this.#service(command.service, ({ servers }) => servers.set(keyOf(address), { address, settings }));
        break;
      }
      case 'delete-server':
        this.#service(command.service, ({ servers }) => servers.delete(keyOf(command.server)));
        break;
      case 'clear':
        this.#services.clear();
        break;
      case 'zero':
        // Counters are no wish: those of before the reload go on.
        break;
    }
  }

  #service(address: ServiceAddress, change: (service: Service) => void): void {
    const service = this.#services.get(keyOf(address));
    if (service !== undefined) change(service);
  }
}

function serverChanges(
  service: ServiceAddress,
  present: ReadonlyMap<string, Server>,
  wanted: ReadonlyMap<string, Server>,
): Command[] {
  const changes: Command[] = [];
  for (const [key, { address: server, settings }] of wanted) {
    const before = present.get(key);
    if (before === undefined) changes.push({ kind: 'add-server', service, server, settings });
    else if (!isDeepStrictEqual(before.settings, settings)) {
      changes.push({ kind: 'edit-server', service, server, settings });
    }
  }
  for (const [key, { address: server }] of present) {
    if (!wanted.has(key)) changes.push({ kind: 'delete-server', service, server });
  }
  return changes;
}

/** An address as a text that is the same for the same address. */
function keyOf(address: ServiceAddress | ServerAddress): string {
  return 'protocol' in address
    ? `${address.protocol} ${formatAddress(address.address)} ${address.port} ${address.fwmark}`
    : `${formatAddress(address.address)} ${address.port}`;
}
