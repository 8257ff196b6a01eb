import type { Environment, PortConfiguration } from '../../reference/environment.ts';

const CLIENT_PORT: PortConfiguration = {
  name: 'client',
  mac: '02:00:00:00:00:c1',
  addresses: ['10.0.0.1/24'],
  mtu: 9000,
};

const SERVER_PORT: PortConfiguration = {
  name: 'server',
  mac: '02:00:00:00:00:51',
  addresses: ['192.168.1.1/24'],
  mtu: 1500,
};

/** The host every case's director lives on unless the case says otherwise; the picture is in `lab.ts`. */
export const defaultEnvironment: Environment = {
  ports: [CLIENT_PORT, SERVER_PORT],
  virtualAddresses: ['10.0.0.100'],
  routes: [{ destination: '0.0.0.0/0', via: '10.0.0.254' }],
  neighbours: 'arp',
  // A case may cause as many ICMP errors as it likes: how many hosts get in which time is asked by the cases on the limit.
  sysctls: { icmp_ratelimit: '0' },
};

/** The default host with IPv6 beside IPv4, for a case's `environment`; the picture is in `lab.ts`. */
export const ipv6Environment: Pick<Environment, 'ports' | 'virtualAddresses' | 'routes'> = {
  ports: ipv6PortsWith({}),
  virtualAddresses: [...defaultEnvironment.virtualAddresses, '2001:db8:0:1::100'],
  routes: [...defaultEnvironment.routes, { destination: '::/0', via: '2001:db8:0:1::fe' }],
};

/** The two ports of {@link ipv6Environment} with changes. */
export function ipv6PortsWith(changes: Parameters<typeof portsWith>[0]): ReturnType<typeof portsWith> {
  return portsWith({
    client: { addresses: [...CLIENT_PORT.addresses, '2001:db8:0:1::1/64'], ...changes.client },
    server: { addresses: [...SERVER_PORT.addresses, '2001:db8:0:2::1/64'], ...changes.server },
  });
}

/** The two default ports with changes, for a case's `environment`: `{ ports: portsWith({ client: { mtu: 1400 } }) }`. */
export function portsWith(changes: {
  readonly client?: Partial<PortConfiguration>;
  readonly server?: Partial<PortConfiguration>;
}): readonly [PortConfiguration, PortConfiguration] {
  return [
    { ...CLIENT_PORT, ...changes.client },
    { ...SERVER_PORT, ...changes.server },
  ];
}
