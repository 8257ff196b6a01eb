import { InternalFault } from '../../reference/errors.ts';
import { firstFailure } from './first-failure.ts';
import type { RunContainer } from './run-container.ts';

/** Each must succeed in a new image. */
const COMMANDS = [
  // Nothing was installed by half.
  'test -z "$(dpkg --audit)"',
  'node -e "if (parseInt(process.versions.node) < 20) throw process.versions.node"',
  ...[
    'nginx -v',
    'curl --version',
    'iperf3 --version',
    'tcpdump --version',
    'keepalived --version',
    'dnsmasq --version',
  ],
];

/** Whether programs of a new image run in a container of it. */
export async function checkImage(container: RunContainer): Promise<void> {
  const failure = await container.use((started) => firstFailure(started, COMMANDS));
  if (failure !== null) throw new InternalFault(`in the new image fails: ${failure.command} (${failure.said})`);
}
