import type { RealServer } from '../administration/real-server.ts';
import type { Settings } from '../administration/settings.ts';
import type { Profile } from '../profile.ts';
import { isIpv6 } from '../wire/ip-address.ts';
import { FLAG, NONE } from './connection-record.ts';
import type { ConnectionTracker } from './connection-tracker.ts';
import type { EngineData } from './persistence-engine.ts';
import type { TemplateKey } from './template-key.ts';

/** The port of a template that no client finds any more. */
const INVALID_PORT = 0xffff;

/**
 * Persistence templates (ip_vs_conn.c:ip_vs_ct_in_get): a connection of no packet that stands for all connections of some clients to some
 * service. As long as it lives they get its server. It is in the connection table, where its children hang on it.
 */
export class Templates {
  readonly #tracker: ConnectionTracker;
  readonly #settings: Settings;
  readonly #profile: Pick<Profile, 'invalidTemplatesKeepTheirPort'>;
  readonly #byKey = new Map<string, number>();
  readonly #keys = new Map<number, string>();
  readonly #engineData = new Map<number, EngineData>();

  constructor(tracker: ConnectionTracker, settings: Settings, profile: Pick<Profile, 'invalidTemplatesKeepTheirPort'>) {
    this.#tracker = tracker;
    this.#settings = settings;
    this.#profile = profile;
    tracker.whenEnded((connection) => {
      this.#forget(connection);
      this.#engineData.delete(connection);
    });
  }

  /**
   * The template, {@link NONE} if there is none whose server may be used; then a new one may take its place (ip_vs_check_template).
   *
   * @param server the only one that will do
   */
  find(key: TemplateKey, server?: RealServer): number {
    const { table } = this.#tracker;
    const template = this.#byKey.get(textOf(key)) ?? this.#toldOf(key);
    if (template === NONE) return NONE;
    if (this.#isValid(template) && (server === undefined || this.#tracker.server(template) === server)) return template;
    this.#forget(template);
    const port = this.#profile.invalidTemplatesKeepTheirPort ? table.virtualPort(template) : INVALID_PORT;
    table.setPorts(template, port, INVALID_PORT);
    return NONE;
  }

  /**
   * Binds the clients to a server. To be found from now on; its time runs from the first re-arming.
   *
   * @param port the server's port, 0 for any
   * @param timeout seconds
   */
  create(server: RealServer, key: TemplateKey, port: number, timeout: number): number {
    const tracker = this.#tracker;
    const template = tracker.create(
      server,
      {
        protocol: key.protocol,
        clientAddress: key.clientNetwork,
        clientPort: 0,
        virtualAddress: key.virtualAddress,
        virtualPort: key.virtualPort,
        destinationAddress: server.address,
        destinationPort: port,
      },
      FLAG.template,
    );
    tracker.table.setTimeout(template, timeout * 1000);
    const text = textOf(key);
    this.#byKey.set(text, template);
    this.#keys.set(template, text);
    if (key.engine !== undefined) this.#engineData.set(template, key.engine);
    return template;
  }

  /** What the template's persistence engine knows its clients by. */
  engineData(template: number): EngineData | undefined {
    return this.#engineData.get(template);
  }

  /** One that another director told of is in the table alone. */
  #toldOf({ protocol, clientNetwork, virtualAddress, virtualPort, engine }: TemplateKey): number {
    if (engine !== undefined) return NONE;
    const template = this.#tracker.table.findTemplate(protocol, clientNetwork, 0, virtualAddress, virtualPort);
    return this.#engineData.has(template) ? NONE : template;
  }

  /** A server without weight keeps its clients, unless `expire_quiescent_template` says otherwise. */
  #isValid(template: number): boolean {
    const server = this.#tracker.server(template);
    if (server?.configured !== true) return false;
    return server.weight > 0 || this.#settings.get('vs.expire_quiescent_template') === 0;
  }

  #forget(template: number): void {
    const text = this.#keys.get(template);
    if (text === undefined) return;
    this.#keys.delete(template);
    this.#byKey.delete(text);
  }
}

function textOf({ protocol, clientNetwork, virtualAddress, virtualPort, engine }: TemplateKey): string {
  const text = `${isIpv6(clientNetwork) ? 6 : 4} ${protocol} ${clientNetwork} ${virtualAddress} ${virtualPort}`;
  return engine === undefined ? text : `${text} ${engine.name} ${engine.data}`;
}
