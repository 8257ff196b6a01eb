import { formatEndpoint, isIpv6 } from '../wire/ip-address.ts';
import type { ForwardingMethod, ServiceAddress, Tunnel } from './command.ts';
import type { ListedServer, ListedService } from './ipvsadm-listing.ts';
import { inListingOrder } from './listing-order.ts';
import { maskText, schedulerFlagNames } from './listing-words.ts';

const PROTOCOL_OPTIONS: Readonly<Record<ServiceAddress['protocol'], string>> = {
  6: '-t',
  17: '-u',
  132: '--sctp-service',
};
const METHOD_OPTIONS: Readonly<Record<ForwardingMethod, string>> = { nat: '-m', tunnel: '-i', 'direct-route': '-g' };
const CHECKSUM_OPTIONS: Readonly<Record<Tunnel['checksum'], string>> = {
  none: '--tun-nocsum',
  csum: '--tun-csum',
  remcsum: '--tun-remcsum',
};

/**
 * What `ipvsadm -S -n` prints, and `ipvsadm-save -n` with it: the commands that make these services (`ipvsadm.c:print_service_entry`), to
 * the byte. Thresholds are not among what ipvsadm saves.
 */
export function ipvsadmSave(services: Iterable<ListedService>): string {
  return inListingOrder(services)
    .flatMap((service) => [
      serviceCommand(service),
      ...inListingOrder(service.servers).map((server) => serverCommand(service, server)),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function serviceCommand(service: ListedService): string {
  const { scheduler, schedulerFlags, persistence, onePacket, engine } = service.settings;
  const words = ['-A', serviceOption(service), '-s', scheduler];
  if (persistence !== undefined) {
    words.push('-p', String(persistence.timeout));
    const mask = maskText(service.address, persistence.netmask);
    if (mask !== '') words.push('-M', mask);
  }
  if (engine !== '') words.push('--pe', engine);
  if (onePacket) words.push('-o');
  if (schedulerFlags !== 0) words.push('-b', schedulerFlagNames(scheduler, schedulerFlags));
  return words.join(' ');
}

function serverCommand(service: ListedService, { address, port, method, weight, tunnel }: ListedServer): string {
  const words = ['-a', serviceOption(service), '-r', formatEndpoint(address, port), METHOD_OPTIONS[method], '-w'];
  words.push(String(weight));
  if (method === 'tunnel') {
    words.push('--tun-type', tunnel.type);
    if (tunnel.type === 'gue') words.push('--tun-port', String(tunnel.port));
    if (tunnel.type !== 'ipip') words.push(CHECKSUM_OPTIONS[tunnel.checksum]);
  }
  return words.join(' ');
}

function serviceOption({ protocol, address, port, fwmark }: ServiceAddress): string {
  // A mark is printed as a signed number.
  if (fwmark > 0) return `-f ${fwmark | 0}${isIpv6(address) ? ' -6' : ''}`;
  return `${PROTOCOL_OPTIONS[protocol]} ${formatEndpoint(address, port)}`;
}
