import type { Lab } from '../lab/lab.ts';

export interface VirtualService {
  /** Default `tcp`. */
  readonly protocol?: keyof typeof SERVICE_OPTION;
  readonly port: number;
  /** Where it differs: VS/NAT alone can rewrite it. */
  readonly realPort?: number;
  readonly scheduler: string;
  /** Of the servers in turn; default 1 for each. */
  readonly weights?: readonly [number, number, number];
  /** Default 4. */
  readonly family?: 4 | 6;
  /** Further options of `ipvsadm -A`, e.g. `-p 60`. */
  readonly options?: string;
}

const SERVICE_OPTION = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;

/** The rules of a service on the topology's virtual address with all of its servers, one command a line. */
export function virtualService(lab: Lab, service: VirtualService): string {
  const { port, realPort = port, scheduler, weights = [1, 1, 1], options = '' } = service;
  const name = serviceName(lab, service);
  const servers = lab.servers.map(
    ({ address, address6 }, index) =>
      `-a ${name} -r ${endpoint(service, address, address6, realPort)} ${lab.method} -w ${weights[index] ?? 1}`,
  );
  return [`-A ${name} -s ${scheduler} ${options}`.trimEnd(), ...servers].join('\n');
}

/** How ipvsadm names it: `-t 10.2.0.100:80`. */
export function serviceName(lab: Lab, service: Pick<VirtualService, 'protocol' | 'port' | 'family'>): string {
  return `${SERVICE_OPTION[service.protocol ?? 'tcp']} ${endpoint(service, lab.vip, lab.vip6, service.port)}`;
}

function endpoint(
  { family = 4 }: Pick<VirtualService, 'family'>,
  address: string,
  address6: string,
  port: number,
): string {
  return family === 4 ? `${address}:${port}` : `[${address6}]:${port}`;
}
