import { HIDDEN_FROM_ARP, type ServerSetup, serverSetup } from '../../../generators/real-server/server-setup.ts';
import { ip, payload, udp } from '../../harness/layers.ts';
import type { ServerCase } from '../../harness/server-case.ts';
import type { ServerLab } from '../../harness/server-lab.ts';

const ports = { sourcePort: 40001, destinationPort: 80 };

/** What comes by the wire is always served; what the tunnel device unwraps, where this mode of validation lets it pass. */
async function passes(lab: ServerLab, isUnwrappedServed: boolean): Promise<void> {
  const header = ip({ source: lab.client, destination: lab.vip });
  const answer = udp({ sourcePort: 80, destinationPort: 40001 });
  await lab.forwards('direct-route', header, udp(ports), payload('by the wire'));
  lab.answers(answer, payload('by the wire'));
  await lab.forwards('tunnel', header, udp(ports), payload('unwrapped'));
  if (isUnwrappedServed) lab.answers(answer, payload('unwrapped'));
  else lab.nothingElse();
}

interface Mode {
  readonly name: string;
  readonly title: string;
  readonly on: ServerSetup['virtualAddressOn'];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly isUnwrappedServed: boolean;
}

/** The route to a client leaves by the wire, never by the tunnel device: only there do the modes differ. */
const MODES: readonly Mode[] = [
  { name: 'off', title: 'rp_filter 0', on: 'lo', sysctls: {}, isUnwrappedServed: true },
  {
    name: 'strict',
    title: 'rp_filter 1',
    on: 'tunl0',
    sysctls: { 'conf.tunl0.rp_filter': '1' },
    isUnwrappedServed: false,
  },
  {
    name: 'strict-everywhere',
    title: 'rp_filter 1 for all devices and 0 for the tunnel: the larger counts',
    on: 'tunl0',
    sysctls: { 'conf.all.rp_filter': '1', 'conf.tunl0.rp_filter': '0' },
    isUnwrappedServed: false,
  },
  {
    name: 'strict-on-the-wire',
    title: 'rp_filter 1 for the wire only',
    on: 'lo',
    sysctls: { 'conf.eth0.rp_filter': '1' },
    isUnwrappedServed: true,
  },
  {
    name: 'loose',
    title: 'rp_filter 2, the tunnel device with the virtual address',
    on: 'tunl0',
    sysctls: { 'conf.tunl0.rp_filter': '2' },
    isUnwrappedServed: true,
  },
  {
    name: 'loose-without-address',
    title: 'rp_filter 2, the tunnel device without an address',
    on: 'lo',
    sysctls: { 'conf.tunl0.rp_filter': '2' },
    isUnwrappedServed: false,
  },
  {
    name: 'loose-beats-strict',
    title: 'rp_filter 1 for all devices and 2 for the tunnel: the larger counts',
    on: 'tunl0',
    sysctls: { 'conf.all.rp_filter': '1', 'conf.tunl0.rp_filter': '2' },
    isUnwrappedServed: true,
  },
];

export const cases: readonly ServerCase[] = MODES.map(({ name, title, on, sysctls, isUnwrappedServed }) => ({
  id: `real-server/source-validation-${name}`,
  title: `With ${title} what the tunnel device unwraps is ${isUnwrappedServed ? 'served' : 'dropped'}`,
  requirement:
    'Strict validation asks that the route back leave by the device that the packet came in by, loose that there be one at all; a device without address has none. The larger of the setting for all devices and that for the one counts.',
  source: ['ip-sysctl.rst, rp_filter', 'RFC 3704 §2.2, §2.4', 'fib_frontend.c:__fib_validate_source', 'harnesses 43'],
  level: 'ipvs',
  tags: ['real-server', 'tunnel', 'source-validation'],
  setup: serverSetup({
    id: `source-validation-${name}`,
    title,
    virtualAddressOn: on,
    tunnel: true,
    sysctls: { ...HIDDEN_FROM_ARP, ...sysctls },
  }),
  script: (lab) => passes(lab, isUnwrappedServed),
}));
