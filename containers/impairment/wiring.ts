import type { Impairment } from '../lab/link.ts';
import { relayWords } from './command-line.ts';

export interface Port {
  /** The switch's end of a machine's cable, 13 characters at most. */
  readonly name: string;
  /** What it is a port of. */
  readonly bridge: string;
}

/**
 * Lines of `sh` for the switch. The port leaves its bridge, and a pair of interfaces takes its place, with the bad cable between the
 * two: what a tap on the port sees is still what the machine sends and gets.
 *
 * ```
 * machine ─ PORT ─ main.js ─ PORT-a ═ PORT-b ─ bridge
 * ```
 *
 * The port is moved when the program is ready, so no frame is lost that the program does not lose.
 *
 * @param program the path of `main.js`
 */
export function impairLines({ name, bridge }: Port, impairment: Impairment, program: string): string {
  const words = relayWords({ impairment, interfaces: [name, `${name}-a`] }).join(' ');
  return `set -e
ip link add ${name}-a type veth peer name ${name}-b
ip link set ${name}-a up
ip link set ${name}-b up
node ${program} ${words} >${logOf(name)} 2>&1 </dev/null &
echo $! >${pidOf(name)}
until grep -q '^ready$' ${logOf(name)}; do
  kill -0 $! || { cat ${logOf(name)} >&2; exit 1; }
  sleep 0.02
done
ip link set ${name} nomaster
ip link set ${name}-b master ${bridge}`;
}

/** Lines of `sh` that undo {@link impairLines}. What the program held back is lost with it. */
export function repairLines({ name, bridge }: Port): string {
  return `set -e
kill $(cat ${pidOf(name)})
ip link del ${name}-a
ip link set ${name} master ${bridge}
rm -f ${pidOf(name)} ${logOf(name)}`;
}

function pidOf(port: string): string {
  return `/run/${port}.pid`;
}

function logOf(port: string): string {
  return `/run/${port}.log`;
}
