import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { UnsupportedFeature } from '../../reference/errors.ts';
import { firstFailure } from './first-failure.ts';
import type { Viewpoint } from './labels.ts';
import type { RunContainer } from './run-container.ts';

/** A file of this project, to be found again in a container. */
const FILE = createRequire(import.meta.url).resolve('lvs-conformance/package.json');

const OTHER_ENGINE = 'use an engine that runs on this machine itself (DOCKER_HOST names one)';

/** What topologies lean on: a command that succeeds in a container where it is there, and what is said where it fails. */
function leantOn({ boot }: Viewpoint): ReadonlyMap<string, string> {
  const { dev, ino } = statSync(FILE);
  return new Map([
    [
      `test "$(cat /proc/sys/kernel/random/boot_id)" = ${boot}`,
      `its containers run on another kernel than this process; ${OTHER_ENGINE}`,
    ],
    [
      `test "$(stat -c %d:%i /mnt/package.json)" = ${dev}:${ino}`,
      `its containers do not see this machine's folders; ${OTHER_ENGINE}`,
    ],
    ['ip link add check0 type bridge', 'the kernel has no bridges for containers; modprobe bridge'],
    ['ip link add check1 type veth peer name check2', 'the kernel has no veth for containers; modprobe veth'],
    [
      'ip link add check3 type veth peer name check4 netns $$',
      'no interface can be moved into a container by its process; use an engine that runs as root',
    ],
    [
      'perl -e \'socket(my $raw, 17, 3, 0) or die "$!\\n"\'',
      'containers may not read frames of interfaces; use an engine that grants NET_RAW',
    ],
  ]);
}

/**
 * Whether this machine's containers can have what topologies lean on.
 * @throws {UnsupportedFeature} the first that they cannot, and the mend
 */
export async function checkHost(container: RunContainer, from: Viewpoint): Promise<void> {
  const checks = leantOn(from);
  const failure = await container
    .withMachinesProcesses()
    .withAddedCapabilities('NET_ADMIN', 'NET_RAW')
    .withBindMounts([{ source: dirname(FILE), target: '/mnt', mode: 'ro' }])
    .use((started) => firstFailure(started, [...checks.keys()]));
  if (failure === null) return;
  throw new UnsupportedFeature(
    `the container engine cannot do it: ${checks.get(failure.command) ?? failure.command} (${failure.said})`,
  );
}
