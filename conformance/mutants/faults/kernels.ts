import type { Mutant } from '../mutant.ts';

/** Faults in what changed from one kernel to another, and in telling the one from the other. */
export const mutants: readonly Mutant[] = [
  {
    id: 'kernels-damaged-error-dropped',
    fault: 'a newer kernel drops a damaged error that it would not change, as older ones do',
    file: 'forwarding/icmp-relay.ts',
    text: "(isChanged || profile.damagedErrors === 'dropped')",
    becomes: 'true',
    kernel: '6.12.113',
  },
  {
    id: 'kernels-damaged-error-relayed',
    fault: 'an older kernel relays a damaged error that it would not change, as newer ones do',
    file: 'forwarding/icmp-relay.ts',
    text: "(isChanged || profile.damagedErrors === 'dropped')",
    becomes: 'isChanged',
  },
  {
    id: 'kernels-damaged-error-translated',
    fault: 'a newer kernel translates a damaged error',
    file: 'forwarding/icmp-relay.ts',
    text: "(isChanged || profile.damagedErrors === 'dropped')",
    becomes: "profile.damagedErrors === 'dropped'",
    kernel: '6.12.113',
  },
  {
    id: 'kernels-active-weighs-256',
    fault: 'where the total is counted, an active connection weighs 256 inactive ones',
    file: 'schedulers/overhead.ts',
    text: '257 * server.active',
    becomes: '256 * server.active',
    kernel: '6.12.113',
  },
  {
    id: 'kernels-table-stays-small',
    fault: 'the connection table of a newer kernel never grows',
    file: 'administration/connection-table-size.ts',
    text: 'wanted > this.#size',
    becomes: 'wanted < 0',
    kernel: '7.2.7',
  },
  {
    id: 'kernels-table-before-services',
    fault: 'a newer kernel has a connection table before there is a service',
    file: 'administration/connection-table-size.ts',
    text: 'if (this.#size === 0 && services === 0) return 0;',
    becomes: '',
    kernel: '7.2.7',
  },
  {
    id: 'kernels-invalid-template-loses-port',
    fault: 'a template that gave way in a newer kernel loses its virtual port',
    file: 'connections/templates.ts',
    text: 'this.#profile.invalidTemplatesKeepTheirPort ? table.virtualPort(template) : INVALID_PORT',
    becomes: 'INVALID_PORT',
    kernel: '7.2.7',
  },
  {
    id: 'kernels-quiescent-server-left',
    fault: 'Linux 5.10 leads clients from a server of weight 0 although conn_reuse_mode is 0',
    file: 'ipvs.ts',
    text: "mode !== 0 || profile.quiescentServerIsLeft === 'always'",
    becomes: 'true',
    kernel: '5.10.46',
  },
];
