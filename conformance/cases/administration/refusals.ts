import type { Case } from '../../harness/case.ts';

const service = '-t 10.0.0.100:80';
const rules = `
  -A ${service} -s rr
  -a ${service} -r 192.168.1.11:80 -m -w 3 -x 20 -y 10
`;

interface Refusals {
  readonly name: string;
  readonly title: string;
  readonly requirement: string;
  readonly source: readonly string[];
  readonly commands: readonly string[];
}

const REFUSALS: readonly Refusals[] = [
  {
    name: 'services',
    title: 'A service is there once, and what is not there cannot be changed',
    requirement:
      'A second service of the same protocol, address and port is refused; so are edits and removals of a service that is not there, and schedulers that nobody has.',
    source: ['ip_vs_ctl.c:ip_vs_genl_set_cmd', 'ipvs-cases E36'],
    commands: [
      `-A ${service} -s rr`,
      `-A ${service} -s wlc`,
      '-A -t 10.0.0.100:81 -s nosuchscheduler',
      `-E ${service} -s nosuchscheduler`,
      '-E -t 10.0.0.100:81 -s rr',
      '-E -u 10.0.0.100:80 -s rr',
      '-D -t 10.0.0.100:81',
      '-D -u 10.0.0.100:80',
      '-D -t 10.0.0.101:80',
      '-Z -t 10.0.0.100:81',
    ],
  },
  {
    name: 'servers',
    title: 'A server is in a service once, and what is not there cannot be changed',
    requirement:
      'A second server of the same address and port is refused, even by another method; so are edits and removals of a server that is not there, and servers of a service that is not there.',
    source: ['ip_vs_ctl.c:ip_vs_add_dest, ip_vs_edit_dest, ip_vs_del_dest', 'ipvs-cases E36'],
    commands: [
      `-a ${service} -r 192.168.1.11:80 -m -w 3`,
      `-a ${service} -r 192.168.1.11:80 -g -w 1`,
      `-a ${service} -r 192.168.1.11:8080 -i -w 1`,
      `-e ${service} -r 192.168.1.12:80 -m -w 1`,
      `-e ${service} -r 192.168.1.11:81 -m -w 1`,
      `-d ${service} -r 192.168.1.12:80`,
      `-d ${service} -r 192.168.1.11:81`,
      '-a -t 10.0.0.100:81 -r 192.168.1.12:80 -m -w 1',
      '-d -t 10.0.0.100:81 -r 192.168.1.11:80',
    ],
  },
  {
    name: 'values',
    title: 'Weights, thresholds and addresses that make no sense are refused',
    requirement:
      'A weight is not negative, a lower threshold is not above the upper one, and a real server has a unicast address.',
    source: ['ip_vs_ctl.c:ip_vs_add_dest, ip_vs_new_dest', 'ipvsadm(8)', 'ipvs-cases E36'],
    commands: [
      `-a ${service} -r 192.168.1.12:80 -m -w -5`,
      `-e ${service} -r 192.168.1.11:80 -m -w -1`,
      `-a ${service} -r 192.168.1.12:80 -m -w heavy`,
      `-a ${service} -r 192.168.1.12:80 -m -w 99999999999`,
      `-a ${service} -r 192.168.1.12:80 -m -w 1 -x 5 -y 6`,
      `-e ${service} -r 192.168.1.11:80 -m -w 1 -y 1`,
      `-a ${service} -r 255.255.255.255:80 -m -w 1`,
      `-a ${service} -r 192.168.1.255:80 -m -w 1`,
      `-a ${service} -r 224.0.0.1:80 -m -w 1`,
      `-a ${service} -r 192.168.1.12:65536 -m -w 1`,
      '-A -t 10.0.0.100:65536 -s rr',
      '-A -t 10.0.0.256:80 -s rr',
    ],
  },
  {
    name: 'grammar',
    title: 'Commands without the options that they need, or with others, are refused',
    requirement:
      'A command names its service, and its server where it is about one; an option is given once, and only where it means something; a service without port must be persistent.',
    source: ['ipvsadm(8)', 'ipvsadm.c:commands_v_options', 'ipvs-cases G08, G15'],
    commands: [
      '-A -s rr',
      `-a ${service} -m -w 1`,
      '-a -r 192.168.1.12:80 -m -w 1',
      `-D ${service} -s rr`,
      `-d ${service}`,
      `-A ${service} -w 1 -s rr`,
      '-A -t 10.0.0.100:81 -u 10.0.0.100:81 -s rr',
      '-A -D -t 10.0.0.100:81',
      `-a ${service} -r 192.168.1.12:80 -m -g -w 1`,
      `-a ${service} -r 192.168.1.12:80 -m -w 1 -w 2`,
      '-A -t 10.0.0.100 -s rr',
      '-A -t 10.0.0.100:81 -s rr -o',
      '-t 10.0.0.100:81',
      '--no-such-option',
      '--set 10 20',
      '--set 10 20 soon',
      '--set 10 20 -30',
    ],
  },
];

export const cases: readonly Case[] = REFUSALS.map(({ name, title, requirement, source, commands }): Case => ({
  id: `administration/refuses-${name}`,
  title,
  requirement: `${requirement} What is refused changes nothing.`,
  source,
  level: 'ipvs',
  tags: ['administration'],
  needs: ['services'],
  rules,
  async script(lab) {
    const before = await lab.servicesText();
    for (const command of commands) {
      await lab.refuses(command);
      lab.equal(`services after '${command}'`, await lab.servicesText(), before);
    }
    await lab.flow({ servers: [lab.servers[0]] }).establish();
  },
}));
