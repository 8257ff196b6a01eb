import { UnsupportedFeature } from '../../reference/errors.ts';
import type { HealthChecks } from '../lab/health-checks.ts';
import type { Lab } from '../lab/lab.ts';
import type { Machine } from '../lab/machine.ts';

/** What checks may ask a web server for: it is well as long as it has it. */
export const CHECKED_PATH = '/upload/health';
const FILE = `/run${CHECKED_PATH}`;

/** Makes a server well or not, by what it answers to a check; for all others it goes on as before. */
export async function setWell(server: Machine, isWell: boolean): Promise<void> {
  await server.must(isWell ? `echo well >${FILE}` : `rm ${FILE}`);
}

export async function stopWebServer(server: Machine): Promise<void> {
  await server.must('kill "$(cat /run/nginx.pid)"; while [ -e /run/nginx.pid ]; do sleep 0.02; done');
}

export async function startWebServer(server: Machine): Promise<void> {
  await server.must('nginx -e /var/log/nginx-error.log -c /opt/lvs-conformance/containers/services/nginx.conf');
}

/** Has the director check servers that are all well. */
export async function beginChecks(lab: Lab, checks: HealthChecks): Promise<void> {
  await Promise.all(lab.servers.map((server) => setWell(server, true)));
  if (lab.director.checkHealth === undefined) throw new UnsupportedFeature('the director checks no servers');
  await lab.director.checkHealth(checks);
}
