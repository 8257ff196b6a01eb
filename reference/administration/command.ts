import type { SchedulerFlags } from '../schedulers/scheduler.ts';
import type { Address } from '../wire/ip-address.ts';

/** IANA numbers of the protocols that services are of. */
export type ServiceProtocol = 6 | 17 | 132;

/**
 * What a service is known by: protocol, address and port, or a mark that a firewall puts on packets. A service of a mark has the mark
 * above 0, and then protocol 6, port 0 and the address 0 or 0n, whose type says the family (`ip_vs_ctl.c:ip_vs_genl_parse_service`).
 * Ports are in host order.
 */
export interface ServiceAddress {
  readonly protocol: ServiceProtocol;
  readonly address: Address;
  readonly port: number;
  /** 0 where the service has an address. */
  readonly fwmark: number;
}

export interface ServerAddress {
  readonly address: Address;
  readonly port: number;
}

/** How packets reach a real server: ipvsadm's `-m`, `-i`, `-g`. */
export type ForwardingMethod = 'nat' | 'tunnel' | 'direct-route';

export interface ServerSettings {
  readonly method: ForwardingMethod;
  readonly weight: number;
  /** Number of connections from which on the server takes no more; 0 is no limit. */
  readonly upperThreshold: number;
  /** Number of connections below which it takes new ones again; 0 is three quarters of the upper threshold. */
  readonly lowerThreshold: number;
  readonly tunnel: Tunnel;
}

/** In what VS/TUN wraps packets: `--tun-type`, `--tun-port` and the checksum flags. Without meaning for the other methods. */
export interface Tunnel {
  readonly type: 'ipip' | 'gue' | 'gre';
  /** UDP port of GUE; 0 for the others. */
  readonly port: number;
  readonly checksum: 'none' | 'csum' | 'remcsum';
}

/** What `-A` and `-E` say of a service. `-E` says all of it anew. */
export interface ServiceSettings {
  readonly scheduler: string;
  readonly schedulerFlags: SchedulerFlags;
  /** `-p`; absent where each connection is scheduled by itself. */
  readonly persistence: Persistence | undefined;
  /** `-o`: every datagram is scheduled by itself. */
  readonly onePacket: boolean;
  /** `--pe`: the name of a persistence engine; empty for none. */
  readonly engine: string;
}

/** Clients of one network keep their server. */
export interface Persistence {
  /** Seconds. */
  readonly timeout: number;
  /** Which clients are taken for one: a mask (uint32) for IPv4, a prefix length for IPv6. */
  readonly netmask: number;
}

/** A change to the virtual services. */
export type ServiceCommand =
  | {
      readonly kind: 'add-service' | 'edit-service';
      readonly service: ServiceAddress;
      readonly settings: ServiceSettings;
    }
  | { readonly kind: 'delete-service'; readonly service: ServiceAddress }
  | {
      readonly kind: 'add-server' | 'edit-server';
      readonly service: ServiceAddress;
      readonly server: ServerAddress;
      readonly settings: ServerSettings;
    }
  | { readonly kind: 'delete-server'; readonly service: ServiceAddress; readonly server: ServerAddress }
  | { readonly kind: 'clear' }
  /** Sets the statistics of one service, or of all, to zero. */
  | { readonly kind: 'zero'; readonly service?: ServiceAddress };

/** `--set`: seconds, 0 leaves a timeout as it is. */
export interface TimeoutCommand {
  readonly kind: 'set-timeouts';
  readonly tcp: number;
  readonly tcpFin: number;
  readonly udp: number;
}

/** Which half of connection synchronisation a daemon does. */
export type DaemonRole = 'master' | 'backup';

/** `--start-daemon`, `--stop-daemon`. Numbers left out are 0: the kernel chooses. */
export type DaemonCommand =
  | {
      readonly kind: 'start-daemon';
      readonly role: DaemonRole;
      readonly interfaceName: string;
      /** 0 to 255. */
      readonly syncId: number;
      /** Bytes of a message, without UDP and IP header. */
      readonly maxLength: number;
      readonly group: Address | undefined;
      readonly port: number;
      readonly ttl: number;
    }
  | { readonly kind: 'stop-daemon'; readonly role: DaemonRole };

/** One command of the ipvsadm language that changes something. */
export type Command = ServiceCommand | TimeoutCommand | DaemonCommand;

/** Whether the command is about the virtual services. */
export function isServiceCommand(command: Command): command is ServiceCommand {
  return command.kind !== 'set-timeouts' && command.kind !== 'start-daemon' && command.kind !== 'stop-daemon';
}
