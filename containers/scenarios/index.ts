import { scenarios as dns } from './dns.ts';
import { scenarios as faultsDirector } from './faults-director.ts';
import { scenarios as faultsLinks } from './faults-links.ts';
import { scenarios as faultsPathMtu } from './faults-path-mtu.ts';
import { scenarios as faultsServers } from './faults-servers.ts';
import { scenarios as ftpLongTransfer } from './ftp-long-transfer.ts';
import { scenarios as ftpSessions } from './ftp-sessions.ts';
import { scenarios as ftpTransfers } from './ftp-transfers.ts';
import { scenarios as healthChecks } from './health-checks.ts';
import { scenarios as http } from './http.ts';
import { scenarios as https } from './https.ts';
import { scenarios as load } from './load.ts';
import { scenarios as scale } from './scale.ts';
import type { Scenario } from './scenario.ts';
import { scenarios as scheduling } from './scheduling.ts';
import { scenarios as sctp } from './sctp.ts';

const ftp = [...ftpTransfers, ...ftpSessions, ...ftpLongTransfer];
// Those last in which a transfer is broken: the hosts still try to end it later.
const faults = [...faultsPathMtu, ...faultsLinks, ...faultsServers, ...faultsDirector];

export const scenarios: readonly Scenario[] = [
  ...http,
  ...scheduling,
  ...https,
  ...dns,
  ...load,
  ...scale,
  ...sctp,
  ...ftp,
  ...healthChecks,
  ...faults,
];
