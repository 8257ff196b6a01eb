import type {
  ForwardingMethod,
  ServerAddress,
  ServerSettings,
  ServiceAddress,
  ServiceProtocol,
  ServiceSettings,
} from '../../reference/administration/command.ts';
import { parseCommand } from '../../reference/administration/parse-command.ts';
import { UnsupportedFeature } from '../../reference/errors.ts';
import { formatAddress } from '../../reference/wire/ip-address.ts';
import type { HealthChecks } from '../lab/health-checks.ts';

/** In seconds, apart from the number of retries. */
const CHECK = { every: 1, timeout: 1, retries: 1, beforeRetry: 1 } as const;

/**
 * After so many seconds at the latest a server that is not well gets no new connections: a check had just begun, and every try of the
 * next takes as long as it may.
 */
export const SECONDS_TO_NOTICE = CHECK.every + (CHECK.retries + 1) * CHECK.timeout + CHECK.retries * CHECK.beforeRetry;

const PROTOCOLS: Readonly<Record<ServiceProtocol, string>> = { 6: 'TCP', 17: 'UDP', 132: 'SCTP' };
const METHODS: Readonly<Record<ForwardingMethod, string>> = { nat: 'NAT', tunnel: 'TUN', 'direct-route': 'DR' };

interface Server {
  readonly server: ServerAddress;
  readonly settings: ServerSettings;
}

interface Service {
  readonly service: ServiceAddress;
  readonly settings: ServiceSettings;
  readonly servers: Server[];
}

/**
 * The keepalived.conf of services in the ipvsadm language. Their servers are asked every second how they are, and none counts as well
 * before it was asked (`alpha`).
 *
 * @param rules as `ipvsadm-save -n` writes them
 * @throws {UnsupportedFeature} naming the rule that says more than this file can
 */
export function keepalivedConf(rules: readonly string[], checks: HealthChecks): string {
  const services: Service[] = [];
  for (const rule of rules) {
    const command = parseCommand(rule);
    const ofService = services.find(({ service }) => 'service' in command && isSame(service, command.service));
    if (command.kind === 'add-service' && isPlain(command)) services.push({ ...command, servers: [] });
    else if (command.kind === 'add-server' && ofService !== undefined && isAlike(command, ofService)) {
      ofService.servers.push(command);
    } else
      throw new UnsupportedFeature(`keepalived.conf is not written for "${rule}"; give plain services and servers`);
  }
  const blocks = [
    block('global_defs', ['router_id director']),
    ...services.map((service) => virtualServer(service, checks)),
  ];
  return blocks.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function isSame(one: ServiceAddress, other: ServiceAddress | undefined): boolean {
  return one.protocol === other?.protocol && one.address === other.address && one.port === other.port;
}

function isPlain({ service, settings }: Omit<Service, 'servers'>): boolean {
  const { onePacket, engine, schedulerFlags, persistence } = settings;
  const isOfOneClient = persistence === undefined || EACH_CLIENT.has(persistence.netmask);
  return service.fwmark === 0 && !onePacket && engine === '' && schedulerFlags === 0 && isOfOneClient;
}

/** Netmasks of persistence that take no two clients for one: IPv4's mask, IPv6's prefix length. */
const EACH_CLIENT: ReadonlySet<number> = new Set([0xffffffff, 128]);

/** The method is the service's in keepalived's language. */
function isAlike({ settings }: Server, { servers: [first] }: Service): boolean {
  const { method, tunnel, upperThreshold } = settings;
  return tunnel.type === 'ipip' && upperThreshold === 0 && (first === undefined || first.settings.method === method);
}

function virtualServer({ service, settings, servers }: Service, checks: HealthChecks): string[] {
  const { sorryServer, quorum = 1, keepsConnections = false } = checks;
  return block(`virtual_server ${endpoint(service)}`, [
    `delay_loop ${CHECK.every}`,
    `lvs_sched ${settings.scheduler}`,
    `lvs_method ${METHODS[servers[0]?.settings.method ?? 'nat']}`,
    `protocol ${PROTOCOLS[service.protocol]}`,
    ...(settings.persistence === undefined ? [] : [`persistence_timeout ${settings.persistence.timeout}`]),
    'alpha',
    'omega',
    `quorum ${quorum}`,
    ...(keepsConnections ? ['inhibit_on_failure'] : []),
    ...(sorryServer === undefined ? [] : [`sorry_server ${sorryServer.address} ${sorryServer.port}`]),
    ...servers.flatMap((server) => realServer(server, service, checks)),
  ]);
}

function realServer({ server, settings: { weight } }: Server, { protocol }: ServiceAddress, { path }: HealthChecks) {
  const times = [
    `connect_timeout ${CHECK.timeout}`,
    `retry ${CHECK.retries}`,
    `delay_before_retry ${CHECK.beforeRetry}`,
  ];
  const check =
    path === undefined
      ? block('TCP_CHECK', times)
      : block('HTTP_GET', [...block('url', [`path ${path}`, 'status_code 200']), ...times]);
  return block(`real_server ${endpoint(server)}`, [`weight ${weight}`, ...(protocol === TCP ? check : [])]);
}

const TCP = 6;

/** As keepalived has it: a blank before the port, no brackets. */
function endpoint({ address, port }: ServerAddress): string {
  return `${formatAddress(address)} ${port}`;
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map((line) => `  ${line}`), '}'];
}
