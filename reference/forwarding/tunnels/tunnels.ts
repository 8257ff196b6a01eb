import type { Tunnel } from '../../administration/command.ts';
import { PROTOCOL } from '../../wire/ipv4.ts';
import { gre } from './gre.ts';
import { gue } from './gue.ts';
import { ipip } from './ipip.ts';
import type { TunnelType } from './tunnel-type.ts';

/** The types of tunnels, by what `--tun-type` calls them. */
export const TUNNELS: Readonly<Record<Tunnel['type'], TunnelType>> = { ipip, gue, gre };

/** The type of tunnel that a packet of this IP protocol may be of. */
export const TUNNEL_OF_PROTOCOL: Readonly<Partial<Record<number, Tunnel['type']>>> = {
  [PROTOCOL.ipip]: 'ipip',
  [PROTOCOL.udp]: 'gue',
  [PROTOCOL.gre]: 'gre',
};
