import type { SchedulerFlags } from '../schedulers/scheduler.ts';

/** Addresses are uint32, ports numbers, both in host order; protocol 6 is TCP, 17 UDP. */
export interface ServiceAddress {
  readonly protocol: 6 | 17;
  readonly address: number;
  readonly port: number;
}

export interface ServerAddress {
  readonly address: number;
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
}

/** What `-A` and `-E` say of a service. `-E` says all of it anew. */
export interface ServiceSettings {
  readonly scheduler: string;
  readonly schedulerFlags: SchedulerFlags;
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

/** One command of the ipvsadm language that changes something. */
export type Command = ServiceCommand | TimeoutCommand;
