import type { Mutant } from '../mutant.ts';

/** Faults in services, servers and listings. */
export const mutants: readonly Mutant[] = [
  {
    id: 'rr-order',
    fault: 'new servers are added at the end of the list',
    file: 'administration/virtual-service.ts',
    text: 'this.#servers.unshift(server);',
    becomes: 'this.#servers.push(server);',
  },
  {
    id: 'overload-until-idle',
    fault: 'a lower threshold is not heeded',
    file: 'administration/overload.ts',
    text: 'if (fill.lowerThreshold !== 0) return fill.overloaded && fill.total >= fill.lowerThreshold;',
    becomes: 'if (fill.lowerThreshold !== 0) return fill.overloaded && fill.total > 0;',
  },
  {
    id: 'overload-three-quarters',
    fault: 'without a lower threshold an overloaded server returns with the first connection that ends',
    file: 'administration/overload.ts',
    text: 'fill.total * 4 >= fill.upperThreshold * 3',
    becomes: 'fill.total >= fill.upperThreshold',
  },
  {
    id: 'removed-server-counters',
    fault: 'a server that returns has lost its connections',
    file: 'administration/service-table.ts',
    text: 'server?.configured === false &&',
    becomes: 'server?.configured === true &&',
  },
  {
    id: 'connections-header',
    fault: 'the list of connections has a header of its own',
    file: 'administration/listing.ts',
    text: 'Expires PEName PEData',
    becomes: 'Expires',
  },
];
