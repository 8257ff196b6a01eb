import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { RIGHT_SETUPS } from './right-setups.ts';
import { responseTo, requestFor } from './service.ts';
import { SERVER_NETWORK } from './server-network.ts';
import { type ServerSetup, serverSetup } from './server-setup.ts';
import { type Chance, Cluster } from './testing/cluster.ts';

const setupOf = (id: string): ServerSetup =>
  RIGHT_SETUPS.find((setup) => setup.id === id) ?? serverSetup({ id, title: 'unknown' });

const METHODS: readonly { name: string; option: '-m' | '-i' | '-g'; setup: ServerSetup }[] = [
  { name: 'VS/NAT', option: '-m', setup: setupOf('private') },
  { name: 'VS/TUN, virtual address on lo', option: '-i', setup: setupOf('loopback-alias') },
  { name: 'VS/TUN, virtual address on tunl0', option: '-i', setup: setupOf('tunnel-alias') },
  { name: 'VS/DR, virtual address on lo', option: '-g', setup: setupOf('loopback-alias') },
  { name: 'VS/DR, virtual address on dummy0', option: '-g', setup: setupOf('dummy-alias') },
  { name: 'VS/DR, redirect', option: '-g', setup: setupOf('redirect') },
];

/** The first so many frames of a run arrive in any order, some not at all and some twice. */
const chances = fc.array(
  fc.record({
    which: fc.nat(63),
    fate: fc.oneof(
      { arbitrary: fc.constant('arrives' as const), weight: 8 },
      { arbitrary: fc.constantFrom('is lost' as const, 'arrives twice' as const), weight: 1 },
    ),
  }),
  { maxLength: 300 },
);

const downloads = fc.array(fc.record({ count: fc.nat(6000), seed: fc.nat(255) }), { minLength: 1, maxLength: 6 });

const LONGEST = 2000;

function runDownloads(
  { setup, option }: (typeof METHODS)[number],
  wanted: readonly { readonly count: number; readonly seed: number }[],
  fates: readonly Chance[],
) {
  const cluster = new Cluster(setup, 3, 3, option);
  const asked = wanted.map(({ count, seed }, index) => cluster.download(index % 3, 40001 + index, count, seed));
  cluster.run(fates, LONGEST, () => asked.every(({ response }) => response !== undefined));
  return { cluster, asked };
}

describe.each(METHODS)('a whole cluster in memory: $name', (method) => {
  it('gives a client what it asks for, from the virtual address', () => {
    const { cluster, asked } = runDownloads(method, [{ count: 5000, seed: 7 }], []);
    expect(asked[0]?.response).toEqual(responseTo(requestFor(5000, 7)));
    expect([...cluster.sourcesSeenByClients]).toEqual([SERVER_NETWORK.virtualAddress]);
  });

  it('shows the director the half that it must see', () => {
    const { cluster } = runDownloads(method, [{ count: 5000, seed: 7 }], []);
    const responses = cluster.seenByDirector.flat().filter((layer) => layer.kind === 'tcp' && layer.sourcePort === 80);
    // Paper P20, P25, P32: only under VS/NAT responses pass the director. Four segments at least: SYN+ACK and 5000 bytes.
    if (method.option === '-m') expect(responses.length).toBeGreaterThan(4);
    else expect(responses).toEqual([]);
  });

  test.prop([downloads, chances], { numRuns: 25 })(
    'loses no byte and mixes up no two clients, whatever the network does with its frames',
    (wanted, fates) => {
      const { cluster, asked } = runDownloads(method, wanted, fates);
      for (const { count, seed, response } of asked) expect(response).toEqual(responseTo(requestFor(count, seed)));
      expect([...cluster.sourcesSeenByClients]).toEqual([SERVER_NETWORK.virtualAddress]);
    },
  );
});

// harnesses 16: the answer to a neighbour needs no gateway, so the director cannot translate it back.
describe.each([
  { option: '-m', setup: setupOf('private'), source: '192.168.1.11', isServed: false },
  { option: '-i', setup: setupOf('loopback-alias'), source: SERVER_NETWORK.virtualAddress, isServed: true },
  { option: '-g', setup: setupOf('loopback-alias'), source: SERVER_NETWORK.virtualAddress, isServed: true },
] as const)('a client on the LAN of the servers, method $option', ({ option, setup, source, isServed }) => {
  it(`is answered past the director, from ${source}`, () => {
    const cluster = new Cluster(setup, 1, 0, option);
    const asked = cluster.download(cluster.addClientBesideServers(), 40001, 3000, 1);
    cluster.run([], 60, () => asked.response !== undefined);
    expect(asked.response).toEqual(isServed ? responseTo(requestFor(3000, 1)) : undefined);
    expect([...cluster.sourcesSeenByClients]).toEqual([source]);
  });
});
