import type { Environment } from '../../reference/environment.ts';
import type { Feature } from '../targets/target.ts';
import type { Lab } from './lab.ts';
import type { Level } from './run.ts';

/**
 * One behaviour asked of a director.
 *
 * Cases live in `conformance/cases/AREA/FILE.ts`; each file exports `cases: readonly Case[]` and is named in `conformance/cases/index.ts`.
 *
 * ```ts
 * import type { Case } from '../../harness/case.ts';
 * import { ip, tcp } from '../../harness/layers.ts';
 *
 * export const cases: readonly Case[] = [
 *   {
 *     id: 'nat/request-destination',
 *     title: "A request's destination becomes the server's address and port",
 *     requirement: 'A request has its destination address and port changed to those of the chosen server.',
 *     source: ['paper P11', 'ipvs-cases A01'],
 *     level: 'core',
 *     tags: ['nat', 'header'],
 *     needs: [],
 *     rules: `
 *       -A -t 10.0.0.100:80 -s rr
 *       -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
 *     `,
 *     async script({ client, servers: [server], vip }) {
 *       await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }));
 *       server.receives(ip({ source: client.address, destination: server.address, ttl: 63 }), tcp({ destinationPort: 8080 }));
 *     },
 *   },
 * ];
 * ```
 *
 * - The lab (`lab.ts`) is the client's, the servers' and the director's side of the wires. Every packet that leaves the director must be asked
 *   for with `receives`, `oneOf` or a flow step: what is left over fails the case. ARP goes by itself.
 * - A layer's literal (`layers.ts`) is what to send and what to expect: left out, it is the default when sent and free when received. Where
 *   more than one value is right, a field takes `{ oneOf: [1, 2] }`; where a documented departure exists, `{ required, deviates, deviation }`
 *   with an id of `deviations.ts` (the verdict is then `deviates`); `{ any: true }` accepts everything, wrong checksums too.
 * - A whole conversation is shorter as a flow, which checks every packet strictly: `const flow = lab.flow({ method: 'tunnel' });
 *   await flow.establish(); await flow.clientSends('AP', { payload: 'GET /' });`.
 * - `needs` names what script and rules do not show: methods (`-m`, `-i`, `-g`), protocols (`-t`, `-u`), schedulers (`-s`) are read from
 *   the rules, and level `ipvs` needs `kernel-choices` by itself. `connections()`, `services()`, `sysctl()` and waits beyond 3 seconds
 *   must be announced (`connections`, `services`, `sysctl`, `clock`); the lab refuses them otherwise.
 * - Level `core`: judged by the script alone. Level `ipvs`: every frame must also be the reference's, so the script may be short.
 * - A director that breaks the requirement must fail the script: if nothing you could break in the director would, it is no case.
 */
export interface Case {
  /** `area/name`, stable for ever. */
  readonly id: string;
  readonly title: string;
  /** The sentence that the director must live up to. */
  readonly requirement: string;
  /** Where that sentence comes from: `paper P11`, `RFC 1812 §5.3.1`, `ip_vs_core.c:ip_vs_in_hook`, `ipvs-cases A01`. */
  readonly source: readonly string[];
  readonly level: Level;
  readonly tags: readonly string[];
  readonly needs: readonly Feature[];
  /** Changes to the default host (`defaultEnvironment`). */
  readonly environment?: Partial<Environment>;
  /** Virtual services in the ipvsadm language, one command a line. */
  readonly rules: string;
  script(lab: Lab): Promise<void>;
}
