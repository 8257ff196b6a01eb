import { existsSync, readFileSync } from 'node:fs';
import type { Environment } from '../../reference/environment.ts';
import { MalformedInput, UnsupportedFeature } from '../../reference/errors.ts';
import { explainError } from '../explain-error.ts';
import { parseEnvironment } from '../parse-environment.ts';
import { readTextFile } from '../read-text-file.ts';
import type { Terminal } from '../terminal.ts';
import { Driver } from './driver.ts';
import type { Host } from './host.ts';
import { hostEnvironment } from './host-environment.ts';
import { checkShare, HostShare } from './host-share.ts';
import { LiveRules } from './live-rules.ts';
import { Service } from './service.ts';

export interface DirectorOptions {
  readonly rules: string;
  readonly interface: readonly string[];
  readonly environment?: string;
  /** Seconds. */
  readonly drain: number;
}

/** Runs the reference director on interfaces until it is told to end. */
export async function director(
  options: DirectorOptions,
  terminal: Terminal,
  openHost: () => Promise<Host> = openLinuxHost,
): Promise<number> {
  const host = await openHost();
  try {
    return await runOn(host, options, terminal);
  } finally {
    host.close();
  }
}

async function runOn(host: Host, options: DirectorOptions, terminal: Terminal): Promise<number> {
  const say = (line: string): void => terminal.err(`${line}\n`);
  const facts = options.interface.map((name) => host.describe(name));
  const environment =
    options.environment === undefined
      ? hostEnvironment(host, options.interface)
      : statedEnvironment(options.environment, options.interface, (port) => facts[port]?.mtu ?? 0);
  const down = options.interface.find((_, port) => facts[port]?.isUp === false);
  if (down !== undefined) throw new MalformedInput(`interface ${down}: is down; ip link set ${down} up`);
  const ownMacs = environment.ports.map(({ mac }, port) => mac !== facts[port]?.mac);
  const addresses = host.addresses();
  const rules = new LiveRules({
    path: options.rules,
    environment,
    checkAddresses: (virtualAddresses) =>
      checkShare({ ...environment, virtualAddresses }, addresses, ownMacs, isForwarding),
  });
  const reading = rules.read();
  const share = new HostShare([...addresses.values()].flat());
  const links = environment.ports.map(({ name }, port) =>
    host.open(name, { promiscuous: ownMacs[port] === true, warn: say }),
  );
  const withAddresses = { ...environment, virtualAddresses: reading.virtualAddresses };
  const driver = new Driver({
    host,
    environment: withAddresses,
    links,
    shares: ownMacs.map((own) => (own ? undefined : share)),
  });
  rules.adopt(driver.director, reading);
  driver.announce(rules.virtualAddresses);
  for (const { name, mac, addresses: prefixes, mtu } of environment.ports) {
    say(`${name}: ${mac}, ${prefixes.join(', ') || 'no address'}, MTU ${mtu}`);
  }
  say(`${options.rules}: ${rules.summary}; SIGHUP reads it again, SIGUSR1 lists, SIGTERM ends`);
  return new Service({ host, driver, links, rules, terminal, drain: options.drain * 1000 }).run();
}

/** An environment file must be about the interfaces named, in the order in which they are named. */
function statedEnvironment(path: string, interfaces: readonly string[], mtu: (port: number) => number): Environment {
  const environment = parseEnvironment(readTextFile(path, 'an environment as JSON'), path);
  const names = environment.ports.map(({ name }) => name);
  if (names.join(' ') !== interfaces.join(' ')) {
    throw new MalformedInput(
      `${path}: ports: are ${names.join(', ')}; name just these with --interface, in this order`,
    );
  }
  const wide = environment.ports.findIndex((port, index) => port.mtu > mtu(index));
  if (wide !== -1) {
    throw new MalformedInput(`${path}: ports[${wide}].mtu: the interface carries no more than ${mtu(wide)} bytes`);
  }
  if (environment.neighbours === 'derived') {
    throw new MalformedInput(`${path}: neighbours: give "arp", as on a real wire MAC addresses must be asked for`);
  }
  return environment;
}

function isForwarding(name: string): boolean {
  return ['ipv4', 'ipv6'].some((family) => {
    const path = `/proc/sys/net/${family}/conf/${name}/forwarding`;
    return existsSync(path) && readFileSync(path, 'utf8').trim() !== '0';
  });
}

/** Loaded here and nowhere else: whatever else this program does works where koffi does not. */
async function openLinuxHost(): Promise<Host> {
  const isKnown = ['x64', 'arm64', 'riscv64', 'loong64'].includes(process.arch);
  if (process.platform !== 'linux' || !isKnown) {
    throw new UnsupportedFeature(
      `the director runs on interfaces of 64-bit Linux, not of ${process.platform} on ${process.arch}; replay runs everywhere`,
    );
  }
  try {
    const { LinuxHost } = await import('./linux-host.ts');
    return new LinuxHost();
  } catch (error) {
    throw new UnsupportedFeature(
      `koffi, which makes the system calls, cannot be loaded (${explainError(error).line}); npm install koffi`,
      { cause: error },
    );
  }
}
