import { join } from 'node:path';
import type { StartedTestContainer } from 'testcontainers';
import { InternalFault } from '../../reference/errors.ts';
import { macOf } from '../topologies/mac-of.ts';
import type { InterfaceDeclaration, MachineDeclaration, Topology } from '../topologies/topology.ts';
import { impairLines, repairLines, type Port } from '../impairment/wiring.ts';
import type { CableCount, Impairment, Link } from './link.ts';
import { withoutOffloads, WRITABLE_SETTINGS } from './machine-setup.ts';
import { PROJECT_IN_CONTAINER } from './project-root.ts';
import { Shell } from './shell.ts';

/** Where the switch writes captures, in its container. */
export const CAPTURES_IN_SWITCH = '/captures';

/** The program that makes a cable a bad one. */
const RELAY = `${PROJECT_IN_CONTAINER}/dist/containers/impairment/main.js`;

/** What the last frame of a recording says, behind an EtherType for local experiments (IEEE 802). */
const MARKER = 'lvs-conformance-end-of-recording';
const MARKER_TYPE = 0x88b5;
/** How long it is waited for. */
const MARKER_SECONDS = 10;
/** AF_PACKET, SOCK_RAW; `struct sockaddr_ll` with the index of each interface named. A cable that is cut takes no frame. */
const SEND_MARKER = `socket(my $s, 17, 3, 0) or die "socket: $!"; for (@ARGV) { open my $f, "<", "/sys/class/net/$_/ifindex" or die "$_: $!"; send $s, pack("H12 H12 n A50", "020000000001", "020000000002", ${MARKER_TYPE}, "${MARKER}"), 0, pack("S n i x12", 17, 3, <$f>) }`;

/** Whether a captured frame is none of a machine's but the last of its recording. */
export function isMarker(frame: Uint8Array): boolean {
  return frame[12] === MARKER_TYPE >> 8 && frame[13] === (MARKER_TYPE & 0xff);
}

/** The end of a machine's cable that is in the switch, and its device there. */
export interface Tap {
  readonly machine: MachineDeclaration;
  readonly interface: InterfaceDeclaration;
  readonly mac: string;
  readonly device: string;
}

/**
 * All segments of a topology: a bridge each, in the network namespace of one container. It sees the processes of the host, because a
 * cable's other end is put into a machine's namespace by its process id. With the container all of it goes.
 */
export class Switch {
  readonly taps: readonly Tap[];
  readonly #shell: Shell;
  readonly #captures: string;
  readonly #impaired = new Set<Tap>();
  #recordings = 0;

  /** @param captures folder of this machine that the container has as {@link CAPTURES_IN_SWITCH} */
  constructor(container: StartedTestContainer, { machines }: Topology, captures: string) {
    this.#shell = new Shell('switch', container);
    this.#captures = captures;
    this.taps = machines.flatMap((machine) =>
      machine.interfaces.map((declaration) => ({
        machine,
        interface: declaration,
        mac: macOf(declaration),
        device: `${machine.name}-${declaration.name}`,
      })),
    );
  }

  /** @param pids process of each machine's container, by its name */
  async connect({ segments }: Topology, pids: ReadonlyMap<string, number>): Promise<void> {
    await this.#shell.must(
      [
        'set -e',
        WRITABLE_SETTINGS,
        // Captured frames are those of the machines, not of the switch.
        'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6',
        ...segments.flatMap((segment) => [
          `ip link add ${segment} type bridge forward_delay 0 mcast_snooping 0`,
          `ip link set ${segment} up`,
        ]),
        ...this.taps.flatMap(({ machine, interface: { name, segment }, mac, device }) => [
          `ip link add ${device} type veth peer name ${name} address ${mac} netns ${pids.get(machine.name) ?? ''}`,
          withoutOffloads(device),
          `ip link set ${device} master ${segment} up`,
        ]),
      ].join('\n'),
    );
  }

  link(machine: string, interfaceName: string): Link {
    const tap = this.taps.find((each) => each.machine.name === machine && each.interface.name === interfaceName);
    if (tap === undefined) throw new InternalFault(`${machine} has no interface ${interfaceName}`);
    const { device } = tap;
    const port = portOf(tap);
    const must = async (line: string): Promise<void> => {
      await this.#shell.must(line);
    };
    return {
      cut: () => must(`ip link set ${device} down`),
      restore: () => must(`ip link set ${device} up`),
      impair: async (impairment: Impairment) => {
        this.#impaired.add(tap);
        await must(impairLines(port, impairment, RELAY));
      },
      repair: async () => {
        if (this.#impaired.delete(tap)) await must(repairLines(port));
      },
      count: async () => countOf(await this.#shell.must(`cd /sys/class/net/${device}/statistics; cat ${COUNTERS}`)),
    };
  }

  /** Makes all cables whole again. */
  async repair(): Promise<void> {
    await this.#shell.must(
      [
        ...[...this.#impaired].map((tap) => repairLines(portOf(tap))),
        ...this.taps.map(({ device }) => `ip link set ${device} up`),
      ].join('\n'),
    );
    this.#impaired.clear();
  }

  /** Begins to record at every tap; resolves when all do. An engine waits seconds for whoever still holds a command's output. */
  async record(): Promise<void> {
    this.#recordings += 1;
    const files = this.#files();
    await this.#shell.must(
      [
        'cd /run; rm -f tap-*',
        ...files.map(
          ({ tap: { device }, inSwitch }) =>
            `setsid tcpdump -Z root -i ${device} -s 0 -B 16384 --time-stamp-precision=nano -U -w ${inSwitch} </dev/null >/dev/null 2>tap-${device} & echo $! >>tap-pids`,
        ),
        `until [ "$(grep -l 'listening on' tap-* | wc -l)" = ${files.length} ]; do sleep 0.02; done`,
      ].join('\n'),
    );
  }

  /**
   * Ends the recording when all that was sent before is in it: a last frame of ours, {@link isMarker}, tells. Resolves to the taps and their
   * captures, as files of this machine. Throws InternalFault where frames were lost on the way to a file.
   */
  async stopRecording(): Promise<readonly { readonly tap: Tap; readonly path: string }[]> {
    const files = this.#files();
    await this.#shell.must(
      [
        'cd /run',
        `perl -e '${SEND_MARKER}' ${files.map(({ tap: { device } }) => device).join(' ')}`,
        `end=$(($(date +%s) + ${MARKER_SECONDS}))`,
        `for file in ${files.map(({ inSwitch }) => inSwitch).join(' ')}; do`,
        // A cable that is cut, or a machine's that is gone, carries no marker; on a busy one others have followed it.
        `  until tail -c 100000 $file | grep -aq ${MARKER} || [ "$(date +%s)" -ge $end ]; do sleep 0.02; done`,
        'done',
        'kill -INT $(cat tap-pids)',
        'for pid in $(cat tap-pids); do while [ -e /proc/$pid ]; do sleep 0.02; done; done',
        `lost=$(grep -H '[1-9][0-9]* packets\\? dropped by kernel' tap-* || true); [ -z "$lost" ] || { echo "$lost" >&2; exit 1; }`,
      ].join('\n'),
    );
    return files.map(({ tap, path }) => ({ tap, path }));
  }

  #files(): readonly { readonly tap: Tap; readonly path: string; readonly inSwitch: string }[] {
    return this.taps.map((tap) => {
      const name = `${this.#recordings}-${tap.device}.pcap`;
      return { tap, path: join(this.#captures, name), inSwitch: `${CAPTURES_IN_SWITCH}/${name}` };
    });
  }
}

function portOf({ device, interface: { segment } }: Tap): Port {
  return { name: device, bridge: segment };
}

/** What the switch receives from a cable, the machine has sent. */
const COUNTERS = 'rx_packets rx_bytes tx_packets tx_bytes';

function countOf(output: string): CableCount {
  const [sentFrames = 0, sentBytes = 0, receivedFrames = 0, receivedBytes = 0] = output.trim().split('\n').map(Number);
  return {
    sent: { frames: sentFrames, bytes: sentBytes },
    received: { frames: receivedFrames, bytes: receivedBytes },
  };
}
