import type { Lab } from '../lab/lab.ts';
import type { Machine } from '../lab/machine.ts';
import { contentHash } from '../services/content.ts';
import { clientCommand } from './client-command.ts';
import { download } from './curl.ts';
import { CHANCE, CURL_STATUS } from './faults-judgements.ts';
import { uploadedHash } from './faults-transfers.ts';
import type { Scenario } from './scenario.ts';
import { virtualService, type VirtualService } from './virtual-service.ts';

/** What the narrow link carries: more than IPv6 demands of every link, less than Ethernet carries. */
const NARROW = 1300;
/** Bytes of the header that VS/TUN puts before a packet. */
const OUTER_HEADER = 20;
const ETHERNET_MTU = 1500;

interface Family {
  readonly family: 4 | 6;
  readonly ip: string;
  /** The router's route to the clients, as its kernel made it from the address. */
  readonly route: string;
  readonly url: (lab: Lab) => string;
  readonly client: (lab: Lab) => string;
}

const IPV4: Family = {
  family: 4,
  ip: 'ip',
  route: '10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1',
  url: ({ vip }) => `http://${vip}`,
  client: ({ clients: [client] }) => client.address,
};
const IPV6: Family = {
  family: 6,
  ip: 'ip -6',
  route: 'fd00:1::/64 dev eth0 proto kernel metric 256',
  url: ({ vip6 }) => `http://[${vip6}]`,
  client: ({ clients: [client] }) => client.address6,
};

/** Paths on which whole Ethernet frames do not fit: somebody must be told, and only the director knows whom. */
export const scenarios: readonly Scenario[] = [
  {
    ...narrowDownload(IPV4),
    name: 'path-mtu-download',
    title: 'A router says "fragmentation needed" to the virtual address, and the right server hears it',
    source: ['RFC 1191 §3', 'RFC 792', 'paper P4', 'ipvs §5.3'],
  },
  {
    ...narrowDownload(IPV6),
    name: 'path-mtu-download-ipv6',
    title: 'A router says "packet too big" to the virtual address, and the right server hears it',
    source: ['RFC 8201 §4', 'RFC 4443 §3.2', 'ipvs §5.7'],
    needs: ['scheduler.rr', 'ipv6'],
  },
  {
    name: 'path-mtu-upload',
    title: 'The director asks the client for smaller packets, so that they fit with their outer header',
    requirement:
      'A packet that does not fit with its outer header and must not be fragmented is answered with "fragmentation needed" from the virtual address, which names the size that fits.',
    source: ['RFC 1191 §4', 'RFC 2003 §5.1', 'paper P22', 'ipvs §4.2'],
    level: 'core',
    tags: ['http', 'fault', 'icmp', 'content'],
    needs: [],
    topologies: ['vs-tun'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr', weights: [1, 0, 0] }),
    script: async (lab, judge) => {
      const size = await pathOfUpload(lab, lab.servers[0], 'mtu');
      judge.equal('size of packets to the virtual address', ETHERNET_MTU - OUTER_HEADER, size.mtu);
      judge.equal('sha256 of the upload', contentHash('1m.bin'), size.hash);
    },
  },
  {
    name: 'path-mtu-behind-director',
    title: 'A router behind the director cannot carry the wrapped packet: the client learns what fits',
    requirement:
      'An error about the outer packet reaches the director; it tells the client, from the virtual address, the size that is left inside.',
    source: ['RFC 2003 §4', 'RFC 2003 §5.1', 'ipvs §5.4'],
    level: 'ipvs',
    tags: ['http', 'fault', 'icmp', 'content'],
    needs: [],
    topologies: ['vs-tun'],
    // The director remembers the path to a server for minutes: of another one than in the case before.
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr', weights: [0, 0, 1] }),
    async script(lab, judge) {
      const route = 'ip route replace 10.4.0.0/24 dev eth2 proto kernel scope link src 10.4.0.1';
      await lab.router.must(`${route} mtu ${NARROW}`);
      try {
        const { mtu, hash } = await pathOfUpload(lab, lab.servers[2], 'mtu-behind');
        judge.equal('size of packets to the virtual address', NARROW - OUTER_HEADER, mtu);
        judge.equal('sha256 of the upload', contentHash('1m.bin'), hash);
      } finally {
        await lab.router.must(route);
      }
    },
  },
  {
    name: 'path-mtu-black-hole',
    title: 'Where nobody may say that a packet is too large, its transfer stands still',
    requirement:
      'The messages of the cases before are what makes the transfer go on: without them nothing large gets through, and the client knows that it has not all.',
    source: ['RFC 2923 §2.1'],
    level: 'core',
    tags: ['http', 'fault', 'icmp', 'content'],
    needs: [],
    topologies: ['vs-nat', 'vs-dr'],
    mayDiffer: CHANCE,
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr' }),
    async script(lab, judge) {
      const silence = `iif lo to ${lab.vip} pref 10 blackhole`;
      await narrow(lab, IPV4, async () => {
        await lab.router.must(`ip rule add ${silence}`);
        try {
          const { status, output } = await lab.clients[0].run(
            `curl --silent --max-time 2 --output /dev/null --write-out '%{size_download}' http://${lab.vip}/100k.bin`,
          );
          judge.equal('exit status of curl', CURL_STATUS.timeUp, status);
          judge.equal('bytes that came', '0', output.trim());
        } finally {
          await lab.router.must(`ip rule del ${silence}`);
        }
      });
    },
  },
];

function narrowDownload(family: Family): Omit<Scenario, 'name' | 'title' | 'source'> {
  const service: VirtualService = { port: 80, scheduler: 'rr', family: family.family };
  return {
    requirement:
      'An ICMP error about a packet from the virtual address belongs to its connection and goes to its server, which then sends packets that fit.',
    level: 'core',
    tags: ['http', 'fault', 'icmp', 'content'],
    needs: ['scheduler.rr'],
    rules: (lab) => virtualService(lab, service),
    async script(lab, judge) {
      await narrow(lab, family, async () => {
        const urls = lab.servers.map(() => `${family.url(lab)}/1m.bin`);
        for (const { server, hash } of await download(lab.clients[0], urls)) {
          judge.equal(`sha256 of 1m.bin from ${server}`, contentHash('1m.bin'), hash);
        }
        for (const server of lab.servers) {
          const mtu = await mtuTowards(server, family, family.client(lab));
          judge.equal(`size of packets of ${server.name} to the client`, NARROW, mtu);
        }
      });
    },
  };
}

/** Has the router send the clients packets of {@link NARROW} bytes at most, while nobody knows it yet. */
async function narrow(lab: Lab, { ip, route }: Family, action: () => Promise<void>): Promise<void> {
  await forgetPaths(lab);
  await lab.router.must(`${ip} route replace ${route} mtu ${NARROW}`);
  try {
    await action();
  } finally {
    await lab.router.must(`${ip} route replace ${route}`);
    await forgetPaths(lab);
  }
}

async function pathOfUpload(lab: Lab, server: Machine, name: string): Promise<{ mtu: number; hash: string }> {
  const [client] = lab.clients;
  await forgetPaths(lab);
  const url = `http://${lab.vip}/upload/${name}`;
  await clientCommand(
    client,
    `curl --silent --show-error --fail --max-time 10 --upload-file /srv/content/1m.bin ${url}`,
  );
  const found = { mtu: await mtuTowards(client, IPV4, lab.vip), hash: await uploadedHash(server, name) };
  await forgetPaths(lab);
  return found;
}

/** What routers told them of their paths; kept for ten minutes otherwise (RFC 1191 §6.3). */
async function forgetPaths(lab: Lab): Promise<void> {
  const hosts = [...lab.clients, ...lab.servers];
  await Promise.all(hosts.map((host) => host.must('ip route flush cache; ip -6 route flush cache')));
}

/** What a host knows of the size that a path carries; that of Ethernet where it was told nothing. */
async function mtuTowards(host: Machine, { ip }: Family, address: string): Promise<number> {
  const route = await host.must(`${ip} route get ${address}`);
  return Number(/ mtu (\d+)/.exec(route)?.[1] ?? ETHERNET_MTU);
}
