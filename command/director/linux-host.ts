import koffi, { type KoffiFunc } from 'koffi';
import { InternalFault, MalformedInput, UnsupportedFeature } from '../../reference/errors.ts';
import { formatIpv4 } from '../../reference/wire/address.ts';
import { formatIpv6, readIpv6 } from '../../reference/wire/ipv6-address.ts';
import type { FrameLink, Host, InterfaceFacts, LinkCounters, LinkOptions, Unfinished } from './host.ts';

/** Linux on a 64-bit processor. All system calls of this project stand in this file; numbers and layouts are those of its C headers. */
const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const ETH_P_ALL = 0x0003;
const ARPHRD_ETHER = 1;
const IFF_UP = 1;
const IFREQ = { address: 16, size: 40 } as const;
const SIOCGIF = { flags: 0x8913, mtu: 0x8921, hardwareAddress: 0x8927, index: 0x8933 } as const;
const SOL = { socket: 1, packet: 263 } as const;
const SO = { sendBufferForce: 32, receiveBufferForce: 33 } as const;
const PACKET = { addMembership: 1, statistics: 6, auxdata: 8, vnetHeader: 15, ignoreOutgoing: 23 } as const;
const PACKET_MR_PROMISC = 1;
const MSG = { truncated: 0x20, doNotWait: 0x40 } as const;
const POLLIN = 1;
const EFD_NONBLOCK = SOCK_NONBLOCK;
const { EPERM, EACCES, EAGAIN, ENODEV, ENETDOWN, ENXIO, EINTR } = koffi.os.errno;

/** `struct mmsghdr` with its `struct msghdr`, `struct iovec`, `struct cmsghdr` with `struct tpacket_auxdata`. */
const MESSAGE = {
  vectors: 16,
  vectorCount: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
  length: 56,
  size: 64,
} as const;
const VECTOR = { base: 0, length: 8, size: 16 } as const;
const AUXDATA = { status: 16, vlan: 32, size: 40 } as const;
const TP_STATUS_VLAN_VALID = 0x10;
const VLAN_ID = 0x0fff;
/** `struct virtio_net_hdr`, before every frame in both directions. */
const VNET = { flags: 0, gsoType: 1, segmentSize: 4, checksumStart: 6, checksumOffset: 8, size: 10 } as const;
const VIRTIO_NET_HDR_F_NEEDS_CSUM = 1;

const BATCH = 64;
/** The largest frame that segmentation offload makes: a datagram of 64 KiB behind an Ethernet header with a VLAN tag. */
const SLOT = VNET.size + 18 + 65536;
const SOCKET_BUFFER = 8 << 20;

type Call<Parameters extends readonly unknown[]> = KoffiFunc<(...parameters: Parameters) => number>;
const libc = koffi.load(null);
const socket: Call<[number, number, number]> = libc.func('int socket(int, int, int)');
const bind: Call<[number, Uint8Array, number]> = libc.func('int bind(int, void *, unsigned int)');
const close: Call<[number]> = libc.func('int close(int)');
const ioctl: Call<[number, number, Uint8Array]> = libc.func('int ioctl(int, unsigned long, void *)');
const setsockopt: Call<[number, number, number, Uint8Array, number]> = libc.func(
  'int setsockopt(int, int, int, void *, unsigned int)',
);
const getsockopt: Call<[number, number, number, Uint8Array, Uint8Array]> = libc.func(
  'int getsockopt(int, int, int, void *, void *)',
);
const recvmmsg: Call<[number, bigint, number, number, null]> = libc.func(
  'int recvmmsg(int, void *, unsigned int, int, void *)',
);
const sendmmsg: Call<[number, bigint, number, number]> = libc.func('int sendmmsg(int, void *, unsigned int, int)');
const poll: Call<[bigint, number, number]> = libc.func('int poll(void *, unsigned long, int)');
const eventfd: Call<[number, number]> = libc.func('int eventfd(unsigned int, int)');
const read: Call<[number, Uint8Array, number]> = libc.func('long read(int, void *, unsigned long)');
const write: Call<[number, Uint8Array, number]> = libc.func('long write(int, void *, unsigned long)');

const getifaddrs: Call<[Uint8Array]> = libc.func('int getifaddrs(void *)');
const freeifaddrs: Call<[bigint]> = libc.func('void freeifaddrs(void *)');

const AF_INET = 2;
const AF_INET6 = 10;
/** `struct ifaddrs`; where the address stands in `struct sockaddr_in` and `struct sockaddr_in6`. */
const IFADDRS = { next: 0, name: 8, address: 24, netmask: 32, size: 40 } as const;
const SOCKADDR = { [AF_INET]: { offset: 4, length: 4 }, [AF_INET6]: { offset: 8, length: 16 } } as const;

export class LinuxHost implements Host {
  readonly #links: PacketSocket[] = [];
  readonly #wakeUp = checked(eventfd(0, EFD_NONBLOCK | SOCK_CLOEXEC), 'eventfd');
  #polled = new DataView(new ArrayBuffer(8));

  now(): number {
    return performance.now();
  }

  describe(name: string): InterfaceFacts {
    const query = checked(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), 'socket');
    try {
      const hardware = request(query, SIOCGIF.hardwareAddress, name);
      if (hardware.getUint16(IFREQ.address, true) !== ARPHRD_ETHER) {
        throw new MalformedInput(`interface ${name}: carries no Ethernet frames; name one that does`);
      }
      const mac = Array.from({ length: 6 }, (_, index) => hardware.getUint8(IFREQ.address + 2 + index));
      return {
        mac: mac.map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
        mtu: request(query, SIOCGIF.mtu, name).getInt32(IFREQ.address, true),
        isUp: (request(query, SIOCGIF.flags, name).getUint16(IFREQ.address, true) & IFF_UP) !== 0,
      };
    } finally {
      close(query);
    }
  }

  addresses(): ReadonlyMap<string, readonly string[]> {
    const head = new BigUint64Array(1);
    checked(getifaddrs(new Uint8Array(head.buffer)), 'getifaddrs');
    const first = head[0] ?? 0n;
    const found = new Map<string, string[]>();
    for (let entry = first; entry !== 0n;) {
      const view = new DataView(koffi.view(entry, IFADDRS.size));
      const name = koffi.decode.string(view.getBigUint64(IFADDRS.name, true));
      const address = addressAt(view.getBigUint64(IFADDRS.address, true));
      const netmask = addressAt(view.getBigUint64(IFADDRS.netmask, true));
      if (address !== undefined && netmask !== undefined) {
        found.set(name, [...(found.get(name) ?? []), prefixText(address, netmask)]);
      }
      entry = view.getBigUint64(IFADDRS.next, true);
    }
    freeifaddrs(first);
    return found;
  }

  open(name: string, options: LinkOptions): FrameLink {
    const link = new PacketSocket(name, options);
    this.#links.push(link);
    const polled = new DataView(new ArrayBuffer(8 * (this.#links.length + 1)));
    [this.#wakeUp, ...this.#links.map(({ descriptor }) => descriptor)].forEach((descriptor, index) => {
      polled.setInt32(8 * index, descriptor, true);
      polled.setInt16(8 * index + 4, POLLIN, true);
    });
    this.#polled = polled;
    return link;
  }

  wait(milliseconds: number): Promise<void> {
    const timeout = milliseconds === Infinity ? -1 : Math.min(Math.max(Math.ceil(milliseconds), 0), 0x7fff_ffff);
    return new Promise((resolve) => {
      // A signal ends the call early: whoever waits looks at what there is, and waits again.
      poll.async(koffi.address(this.#polled), this.#links.length + 1, timeout, () => {
        read(this.#wakeUp, new Uint8Array(8), 8);
        resolve();
      });
    });
  }

  wake(): void {
    write(this.#wakeUp, new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]), 8);
  }

  close(): void {
    for (const link of this.#links) close(link.descriptor);
    close(this.#wakeUp);
  }
}

/** A packet socket of one interface. */
class PacketSocket implements FrameLink {
  readonly name: string;
  readonly descriptor: number;
  readonly #counters = { received: 0, sent: 0, notReceived: 0, notSent: 0 };
  readonly #incoming = new MessageTable(true);
  readonly #outgoing = new MessageTable(false);
  readonly #warn: (line: string) => void;
  /** Frames that wait to be sent. */
  #waiting = 0;

  constructor(name: string, { promiscuous, warn }: LinkOptions) {
    this.name = name;
    this.#warn = warn;
    // Protocol 0 receives nothing until the socket is bound: no frame of another interface comes before.
    this.descriptor = checked(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket');
    const index = request(this.descriptor, SIOCGIF.index, name).getInt32(IFREQ.address, true);
    this.#set(SOL.packet, PACKET.vnetHeader, 1);
    this.#set(SOL.packet, PACKET.auxdata, 1);
    this.#set(SOL.packet, PACKET.ignoreOutgoing, 1);
    // More than the system's limit needs CAP_NET_ADMIN; without it the socket keeps its own size.
    this.#trySet(SOL.socket, SO.receiveBufferForce, SOCKET_BUFFER);
    this.#trySet(SOL.socket, SO.sendBufferForce, SOCKET_BUFFER);
    if (promiscuous) {
      const membership = new DataView(new ArrayBuffer(16));
      membership.setInt32(0, index, true);
      membership.setUint16(4, PACKET_MR_PROMISC, true);
      const bytes = new Uint8Array(membership.buffer);
      checked(setsockopt(this.descriptor, SOL.packet, PACKET.addMembership, bytes, bytes.length), 'PACKET_MR_PROMISC');
    }
    const address = new DataView(new ArrayBuffer(20));
    address.setUint16(0, AF_PACKET, true);
    address.setUint16(2, ETH_P_ALL);
    address.setInt32(4, index, true);
    checked(bind(this.descriptor, new Uint8Array(address.buffer), address.byteLength), `bind to ${name}`);
  }

  receive(deliver: (frame: Uint8Array, unfinished: Unfinished | undefined) => void): number {
    const table = this.#incoming;
    table.reset();
    const count = recvmmsg(this.descriptor, table.address, BATCH, MSG.doNotWait, null);
    if (count < 0) {
      const error = koffi.errno();
      if (error === EAGAIN || error === EINTR) return 0;
      if (error === ENETDOWN) {
        // Said once; the socket works again when the interface is up again, but not when it is gone for good.
        request(this.descriptor, SIOCGIF.index, this.name);
        this.#warn(`interface ${this.name}: went down; ip link set ${this.name} up`);
        return 0;
      }
      throw new InternalFault(`recvmmsg on ${this.name} failed: ${nameOf(error)}`);
    }
    for (let slot = 0; slot < count; slot++) {
      const frame = table.isWhole(slot) ? table.frame(slot) : undefined;
      if (frame === undefined) {
        this.#counters.notReceived++;
      } else {
        this.#counters.received++;
        deliver(frame, table.unfinished(slot));
      }
    }
    return count;
  }

  send(frame: Uint8Array): void {
    if (this.#waiting === BATCH) this.flush();
    this.#outgoing.put(this.#waiting++, frame);
  }

  flush(): void {
    let first = 0;
    while (first < this.#waiting) {
      const table = this.#outgoing.address + BigInt(first * MESSAGE.size);
      const count = sendmmsg(this.descriptor, table, this.#waiting - first, MSG.doNotWait);
      // What the interface does not take is lost, as it is in any full queue; the next frame may be smaller.
      if (count > 0) this.#counters.sent += count;
      else this.#counters.notSent++;
      first += Math.max(count, 1);
    }
    this.#waiting = 0;
  }

  get counters(): LinkCounters {
    // Since the last call: reading sets the kernel's own to zero.
    const statistics = new DataView(new ArrayBuffer(8));
    const length = new Uint8Array([8, 0, 0, 0]);
    getsockopt(this.descriptor, SOL.packet, PACKET.statistics, new Uint8Array(statistics.buffer), length);
    this.#counters.notReceived += statistics.getUint32(4, true);
    return { ...this.#counters };
  }

  #set(level: number, option: number, value: number): void {
    checked(this.#trySet(level, option, value), `setsockopt ${option} on ${this.name}`);
  }

  #trySet(level: number, option: number, value: number): number {
    return setsockopt(this.descriptor, level, option, new Uint8Array(new Int32Array([value]).buffer), 4);
  }
}

/** The table that `recvmmsg` and `sendmmsg` take: a batch of frames in one piece of memory, which stays where it is. */
class MessageTable {
  readonly address: bigint;
  readonly #messages = new DataView(new ArrayBuffer(BATCH * MESSAGE.size));
  readonly #vectors = new DataView(new ArrayBuffer(BATCH * VECTOR.size));
  readonly #control = new DataView(new ArrayBuffer(BATCH * AUXDATA.size));
  readonly #bytes = new Uint8Array(BATCH * SLOT);
  readonly #frames = new DataView(this.#bytes.buffer);

  constructor(hasControl: boolean) {
    this.address = koffi.address(this.#messages);
    const [vectors, control, bytes] = [this.#vectors, this.#control, this.#bytes].map((part) => koffi.address(part));
    if (vectors === undefined || control === undefined || bytes === undefined) return;
    for (let slot = 0; slot < BATCH; slot++) {
      const message = slot * MESSAGE.size;
      this.#messages.setBigUint64(message + MESSAGE.vectors, vectors + BigInt(slot * VECTOR.size), true);
      this.#messages.setBigUint64(message + MESSAGE.vectorCount, 1n, true);
      if (hasControl)
        this.#messages.setBigUint64(message + MESSAGE.control, control + BigInt(slot * AUXDATA.size), true);
      this.#vectors.setBigUint64(slot * VECTOR.size + VECTOR.base, bytes + BigInt(slot * SLOT), true);
      this.#vectors.setUint32(slot * VECTOR.size + VECTOR.length, SLOT, true);
    }
  }

  /** The kernel writes how much it used of the control data: the room must be told anew. */
  reset(): void {
    for (let slot = 0; slot < BATCH; slot++) {
      this.#messages.setUint32(slot * MESSAGE.size + MESSAGE.controlLength, AUXDATA.size, true);
    }
  }

  /** Whether the frame was not cut short and is of no VLAN: those belong to the VLAN's own interface. */
  isWhole(slot: number): boolean {
    const message = slot * MESSAGE.size;
    if ((this.#messages.getUint32(message + MESSAGE.flags, true) & MSG.truncated) !== 0) return false;
    if (this.#messages.getUint32(message + MESSAGE.controlLength, true) === 0) return true;
    const isTagged = (this.#control.getUint32(slot * AUXDATA.size + AUXDATA.status, true) & TP_STATUS_VLAN_VALID) !== 0;
    return !isTagged || (this.#control.getUint16(slot * AUXDATA.size + AUXDATA.vlan, true) & VLAN_ID) === 0;
  }

  frame(slot: number): Uint8Array {
    const length = this.#messages.getUint32(slot * MESSAGE.size + MESSAGE.length, true);
    return this.#bytes.subarray(slot * SLOT + VNET.size, slot * SLOT + length);
  }

  unfinished(slot: number): Unfinished | undefined {
    const header = slot * SLOT;
    const needsChecksum = (this.#frames.getUint8(header + VNET.flags) & VIRTIO_NET_HDR_F_NEEDS_CSUM) !== 0;
    const isMany = this.#frames.getUint8(header + VNET.gsoType) !== 0;
    if (!needsChecksum && !isMany) return undefined;
    return {
      checksum: needsChecksum
        ? {
            start: this.#frames.getUint16(header + VNET.checksumStart, true),
            offset: this.#frames.getUint16(header + VNET.checksumOffset, true),
          }
        : undefined,
      segmentSize: isMany ? this.#frames.getUint16(header + VNET.segmentSize, true) : 0,
    };
  }

  /** The header before the frame stays zero: nothing is left to be done to a frame of ours. */
  put(slot: number, frame: Uint8Array): void {
    this.#bytes.set(frame, slot * SLOT + VNET.size);
    this.#vectors.setUint32(slot * VECTOR.size + VECTOR.length, VNET.size + frame.length, true);
  }
}

/** An `ioctl` about an interface: `struct ifreq` as the kernel filled it. */
function request(descriptor: number, number: number, name: string): DataView {
  const bytes = new Uint8Array(IFREQ.size);
  const encoded = new TextEncoder().encode(name);
  if (encoded.length >= IFREQ.address) throw new MalformedInput(`interface ${name}: there is none of this name`);
  bytes.set(encoded);
  if (ioctl(descriptor, number, bytes) < 0) {
    const error = koffi.errno();
    if (error === ENODEV || error === ENXIO) {
      throw new MalformedInput(`interface ${name}: there is none of this name; "ip link" lists those that there are`);
    }
    throw new InternalFault(`ioctl ${number} on ${name} failed: ${nameOf(error)}`);
  }
  return new DataView(bytes.buffer);
}

/** The bytes of the address that a `struct sockaddr` holds; undefined where it is none of IP. */
function addressAt(pointer: bigint): Uint8Array | undefined {
  if (pointer === 0n) return undefined;
  const family = new DataView(koffi.view(pointer, 2)).getUint16(0, true);
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const { offset, length } = SOCKADDR[family];
  return new Uint8Array(koffi.view(pointer, offset + length)).slice(offset);
}

/** `10.0.0.1/24`, `2001:db8::1/64` */
function prefixText(address: Uint8Array, netmask: Uint8Array): string {
  const view = new DataView(address.buffer);
  const text = address.length === 4 ? formatIpv4(view.getUint32(0)) : formatIpv6(readIpv6(view, 0));
  return `${text}/${netmask.reduce((length, byte) => length + Math.clz32(~(byte << 24)), 0)}`;
}

/** @throws UnsupportedFeature where the process lacks the right, InternalFault for any other error */
function checked(result: number, call: string): number {
  if (result >= 0) return result;
  const error = koffi.errno();
  if (error === EPERM || error === EACCES) {
    throw new UnsupportedFeature('raw frames need the capabilities CAP_NET_RAW and CAP_NET_ADMIN; run as root');
  }
  throw new InternalFault(`${call} failed: ${nameOf(error)}`);
}

function nameOf(error: number): string {
  return Object.entries(koffi.os.errno).find(([, number]) => number === error)?.[0] ?? `error ${error}`;
}
