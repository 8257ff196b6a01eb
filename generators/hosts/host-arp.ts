import type { Clock } from '../../reference/clock.ts';
import { ARP_OPERATION } from '../../reference/wire/arp.ts';
import { type ArpFields, type Layer, arp, ethernet } from '../../reference/wire/layer.ts';
import type { DeviceSettings } from './device-settings.ts';
import type { HostAddresses } from './host-addresses.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
/** Three requests, a second apart (`mcast_solicit`, `retrans_time_ms`). */
const REQUESTS = 3;
const REQUEST_INTERVAL = 1000;
/** Packets that wait for one neighbour; a host without answers must not fill the memory. */
const MOST_WAITING = 64;

interface Question {
  readonly waiting: ((mac: string) => void)[];
  requests: number;
}

export interface HostArpOptions {
  readonly clock: Clock;
  readonly addresses: HostAddresses;
  readonly settings: DeviceSettings;
  /** The wire's device and its MAC address. */
  readonly device: string;
  readonly mac: string;
  readonly send: (layers: readonly Layer[]) => void;
}

/**
 * ARP of a host (RFC 826) with the two settings on which VS/DR and VS/TUN depend: `arp_ignore`, whether it answers for addresses that are
 * not the wire's, and `arp_announce`, whether it tells of them (ip-sysctl.rst; net/ipv4/arp.c:arp_ignore, arp_solicit).
 */
export class HostArp {
  readonly #options: HostArpOptions;
  readonly #known = new Map<string, string>();
  readonly #questions = new Map<string, Question>();

  constructor(options: HostArpOptions) {
    this.#options = options;
  }

  /** Calls `then` with the neighbour's MAC address, at once or when it has answered. `source` is that of the packet to be sent. */
  resolve(neighbour: string, source: string, then: (mac: string) => void): void {
    const mac = this.#known.get(neighbour);
    if (mac !== undefined) {
      then(mac);
      return;
    }
    const question = this.#questions.get(neighbour) ?? { waiting: [], requests: 0 };
    if (question.waiting.length < MOST_WAITING) question.waiting.push(then);
    if (this.#questions.has(neighbour)) return;
    this.#questions.set(neighbour, question);
    this.#ask(neighbour, source, question);
  }

  receive({ operation, senderMac = '', senderAddress = '', targetAddress = '' }: ArpFields): void {
    const { addresses, mac } = this.#options;
    // Somebody who claims one of our own addresses is neither answered nor believed.
    if (addresses.isLocal(senderAddress)) return;
    if (operation === ARP_OPERATION.request && this.#answers(targetAddress, senderAddress)) {
      if (senderAddress !== '0.0.0.0') this.#learn(senderAddress, senderMac);
      this.#send(senderMac, {
        operation: ARP_OPERATION.reply,
        senderMac: mac,
        senderAddress: targetAddress,
        targetMac: senderMac,
        targetAddress: senderAddress,
      });
    } else if (this.#known.has(senderAddress) || this.#questions.has(senderAddress)) {
      this.#learn(senderAddress, senderMac);
    }
  }

  #answers(target: string, sender: string): boolean {
    const { addresses, settings, device } = this.#options;
    if (!addresses.isLocal(target) || target.startsWith('127.')) return false;
    const isOnDevice = addresses.devicesOf(target).includes(device);
    switch (settings.of('arp_ignore', device)) {
      case 1:
        return isOnDevice;
      case 2:
        return isOnDevice && addresses.isOnLink(target) && addresses.isOnLink(sender);
      case 8:
        return false;
      default:
        // 3 looks at scopes, and every address here has the widest.
        return true;
    }
  }

  #ask(neighbour: string, source: string, question: Question): void {
    if (this.#questions.get(neighbour) !== question) return;
    if (question.requests === REQUESTS) {
      this.#questions.delete(neighbour);
      return;
    }
    question.requests++;
    this.#options.clock.schedule(REQUEST_INTERVAL, () => this.#ask(neighbour, source, question));
    this.#send(BROADCAST, {
      operation: ARP_OPERATION.request,
      senderMac: this.#options.mac,
      senderAddress: this.#announced(source, neighbour),
      targetAddress: neighbour,
    });
  }

  /** The address by which it makes itself known when it asks. */
  #announced(source: string, neighbour: string): string {
    const { addresses, settings, device } = this.#options;
    const level = settings.of('arp_announce', device);
    const mayTell = level === 0 || (level === 1 && addresses.isOnLink(source) && addresses.isOnLink(neighbour));
    return mayTell && addresses.isLocal(source) ? source : addresses.own;
  }

  #learn(neighbour: string, mac: string): void {
    this.#known.set(neighbour, mac);
    const question = this.#questions.get(neighbour);
    this.#questions.delete(neighbour);
    for (const then of question?.waiting ?? []) then(mac);
  }

  #send(destination: string, fields: ArpFields): void {
    this.#options.send([ethernet({ source: this.#options.mac, destination }), arp(fields)]);
  }
}
