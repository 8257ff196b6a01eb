import type { Case } from '../../harness/case.ts';
import { ip6, tcp } from '../../harness/layers.ts';
import { common, SERVER, VIP } from './services.ts';

export const cases: readonly Case[] = [
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/ftp-control',
    title: 'FTP over IPv6 under VS/NAT: older kernels take its every segment for damaged',
    requirement:
      'A connection to port 21 reaches the server if its checksum is right; older kernels verify it wrongly over IPv6, and drop what they find. Other ports are not verified.',
    source: ['ip_vs_proto_tcp.c:tcp_dnat_handler, tcp_csum_check'],
    needs: ['application.ftp'],
    rules: `
      -A -t ${VIP}:21 -s rr
      -a -t ${VIP}:21 -r ${SERVER}:21 -m -w 1
      -A -t ${VIP}:80 -s rr
      -a -t ${VIP}:80 -r ${SERVER}:80 -m -w 1
    `,
    async script({ client, servers: [server], vip6, profile }) {
      const request = { sourcePort: 40001, flags: 'S' };
      await client.sends(ip6({ destination: vip6 }), tcp({ ...request, destinationPort: 21 }));
      if (profile.ipv6Checksums === 'verified') server.receives(ip6(), tcp({ destinationPort: 21 }));
      await client.sends(ip6({ destination: vip6 }), tcp({ ...request, destinationPort: 80 }));
      server.receives(ip6({ destination: server.address6 }), tcp({ destinationPort: 80 }));
    },
  },
];
