import type { Case } from '../../harness/case.ts';
import { defaultEnvironment } from '../../harness/default-environment.ts';
import type { Lab } from '../../harness/lab.ts';
import { ip6, tcp } from '../../harness/layers.ts';
import { carriesData, ControlConnection } from '../ftp/control-connection.ts';
import { common, SERVER, VIP } from './services.ts';

/** Connection tracking verifies no checksum: then the older kernels do not mistake them either. */
const unverified: Omit<Case, 'id' | 'title' | 'requirement' | 'source' | 'script'> = {
  ...common,
  tags: [...common.tags, 'nat', 'ftp'],
  needs: ['application.ftp'],
  environment: {
    ...common.environment,
    sysctls: { ...defaultEnvironment.sysctls, 'netfilter.nf_conntrack_checksum': '0' },
  },
  rules: `
    -A -t ${VIP}:21 -s rr
    -a -t ${VIP}:21 -r ${SERVER}:21 -m -w 1
  `,
};
const open = (lab: Lab) => ControlConnection.open(lab, { virtualAddress: lab.vip6 });

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
  ...(['EPSV', 'EPSV 2'] as const).map((command): Case => ({
    ...unverified,
    id: `ipv6/ftp-passive${command === 'EPSV' ? '' : '-numbered'}`,
    title: `FTP over IPv6: the data connection of ${command} reaches the server that answered`,
    requirement:
      'The reply 229 names a port, with or without the server’s address: the client gets the port alone, and his data connection to it reaches the server of his control connection, whose bytes both ends count right.',
    source: ['paper P18', 'RFC 2428 §3', 'RFC 9293 §3.4', 'ip_vs_ftp.c:ip_vs_ftp_out'],
    async script(lab) {
      const control = await open(lab);
      for (const [index, named] of ['|||51300|', `|2|${lab.servers[0].address6}|51301|`].entries()) {
        await control.command(command);
        await control.reply(`229 here (${named})`, { arrives: `229 here (|||${51300 + index}|)\r\n` });
        const data = control.passiveData(51300 + index, 51300 + index, 40500 + index);
        await data.open();
        await control.command('LIST');
        await control.reply('150 here it comes');
        await carriesData(data);
        await control.reply('226 done');
      }
    },
  })),
  {
    ...unverified,
    id: 'ipv6/ftp-active',
    title: 'FTP over IPv6: the data connection of EPRT comes from the virtual address',
    requirement:
      'EPRT names the IPv6 address and port where the client waits: the server’s data connection reaches him from the virtual address and the port below the virtual one, and his answers reach the server.',
    source: ['paper P18', 'RFC 2428 §2', 'ip_vs_ftp.c:ip_vs_ftp_in'],
    async script(lab) {
      const control = await open(lab);
      for (const [index, delimiter] of ['|', '!'].entries()) {
        const port = 41000 + index;
        await control.command(`EPRT ${['', '2', lab.client.address6, port, ''].join(delimiter)}`);
        await control.reply('200 good');
        const data = control.activeData(port);
        await data.openFromServer();
        await carriesData(data);
      }
    },
  },
];
