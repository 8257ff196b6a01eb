import { SERVER_NETWORK } from '../../../generators/real-server/server-network.ts';
import type { ServerSetup } from '../../../generators/real-server/server-setup.ts';
import { SERVICE_PORT } from '../../../generators/real-server/service.ts';
import type { Environment } from '../../../reference/environment.ts';
import { UnsupportedFeature } from '../../../reference/errors.ts';
import type { FrameReceiver, FrameSession } from '../target.ts';
import { OperationFailed } from './agent.ts';
import { GuestWires } from './guest-wires.ts';
import type { Guest } from './guest.ts';
import { hostSetup, type SetupStep, writeSetting } from './host-setup.ts';
import { icmpDroppingTable, redirectTable } from './iptables.ts';
import { addAddress, changeLink, createLink, findLink, linkIndex } from './netlink.ts';

const ANY_ADDRESS = '0.0.0.0';

export interface ServerSessionOptions {
  readonly guest: Guest;
  readonly setup: ServerSetup;
  readonly receiver: FrameReceiver;
  /** Called once, when the guest is free again. */
  readonly release: () => void;
}

/** One fresh network namespace of a guest, arranged as a real server that serves. */
export class ServerSession implements FrameSession {
  readonly #guest: Guest;
  readonly #wires: GuestWires;
  readonly advance?: (seconds: number) => Promise<void>;

  private constructor(guest: Guest, wires: GuestWires) {
    this.#guest = guest;
    this.#wires = wires;
    const { advance } = wires;
    if (advance !== undefined) {
      this.advance = async (seconds) => {
        await this.settle();
        await advance(seconds);
        await this.settle();
      };
    }
  }

  /** @throws {UnsupportedFeature} for a set-up that this kernel has no means for */
  static async open({ guest, setup, receiver, release }: ServerSessionOptions): Promise<ServerSession> {
    const environment = environmentOf(setup);
    const wires = await GuestWires.open({
      guest,
      environment,
      receiver,
      release,
      setup: (ports) => [
        ...hostSetup(environment, ports),
        { what: 'no routing', operation: writeSetting('ip_forward', '0') },
      ],
      finish: () => arrange(guest, setup),
    });
    return new ServerSession(guest, wires);
  }

  send(port: number, frame: Uint8Array): void {
    this.#wires.send(port, frame);
  }

  /**
   * Frames, then the service, until neither has anything to do. A second barrier, because what a tunnel device unwraps waits behind the frames
   * that came with it (gro_cells.h:gro_cells_receive).
   */
  async settle(): Promise<void> {
    for (let hasServed = true; hasServed;) {
      await this.#wires.settle();
      await this.#wires.passAll();
      await this.#wires.passAll();
      const [answer] = await this.#guest.perform(['serve']);
      hasServed = answer?.toString('latin1') === 'yes';
    }
  }

  close(): Promise<void> {
    return this.#wires.close();
  }
}

function environmentOf({ virtualAddressOn, gateway, mtu }: ServerSetup): Environment {
  const { server, virtualAddress, router, director } = SERVER_NETWORK;
  const addresses = [`${server.address}/24`, ...(virtualAddressOn === 'eth0' ? [`${virtualAddress}/32`] : [])];
  return {
    ports: [{ name: 'eth0', mac: server.mac, addresses, mtu }],
    virtualAddresses: virtualAddressOn === 'lo' ? [virtualAddress] : [],
    routes: [{ destination: '0.0.0.0/0', via: gateway === 'router' ? router.address : director.address }],
    neighbours: 'arp',
    sysctls: {},
  };
}

/** Devices, rules and settings of the set-up, then the service. */
async function arrange(guest: Guest, setup: ServerSetup): Promise<void> {
  const { virtualAddressOn, redirect, tunnel, dropsIcmp, sysctls } = setup;
  const { virtualAddress } = SERVER_NETWORK;
  if (virtualAddressOn === 'dummy0') {
    await take(guest, { what: 'a dummy device', operation: ['netlink', 'here', createLink('dummy0', 'dummy')] });
  }
  const devices = [...(tunnel ? ['tunl0'] : []), ...(virtualAddressOn === 'dummy0' ? ['dummy0'] : [])];
  for (const device of devices) {
    const link = await take(guest, { what: `a device ${device}`, operation: ['netlink', 'here', findLink(device)] });
    const index = linkIndex(link);
    await guest.perform(
      ['netlink', 'here', changeLink(index, { up: true })],
      ...(virtualAddressOn === device ? [['netlink', 'here', addAddress(index, `${virtualAddress}/32`)] as const] : []),
    );
  }
  if (redirect) {
    await take(guest, { what: 'REDIRECT', operation: ['iptables', redirectTable(virtualAddress)] });
  }
  if (dropsIcmp) {
    await take(guest, { what: 'a packet filter', operation: ['iptables', icmpDroppingTable()] });
  }
  await guest.perform(...Object.entries(sysctls).map(([name, value]) => writeSetting(name, value)), [
    'listen',
    String(SERVICE_PORT),
    datagramAddressOf(setup),
  ]);
}

/**
 * What the UDP service is bound to, so that it answers from there. What is redirected comes to the address of the wire, and is given back its
 * own on the way out.
 */
function datagramAddressOf({ methods, redirect, datagramsFrom }: ServerSetup): string {
  if (redirect || datagramsFrom === 'own') return ANY_ADDRESS;
  return methods.includes('nat') ? SERVER_NETWORK.server.address : SERVER_NETWORK.virtualAddress;
}

/** One step that not every kernel has the means for. */
async function take(guest: Guest, { what, operation }: SetupStep): Promise<Buffer> {
  try {
    const [answer] = await guest.perform(operation);
    return answer ?? Buffer.alloc(0);
  } catch (error) {
    throw error instanceof OperationFailed
      ? new UnsupportedFeature(`The kernel has no ${what}: ${error.message}`)
      : error;
  }
}
