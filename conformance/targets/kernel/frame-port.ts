import { createSocket, type Socket } from 'node:dgram';
import { InternalFault } from '../../../reference/errors.ts';

const LOOPBACK = '127.0.0.1';
/** L2TPv3 over UDP (RFC 3931 §4.1.2): flags and version 3, reserved, session id 1; no cookie. */
const HEADER = Uint8Array.of(0, 3, 0, 0, 0, 0, 0, 1);
/** Bytes of a frame that fits into one UDP datagram over IPv4 with the header above. */
export const LONGEST_FRAME = 65_535 - 20 - 8 - HEADER.length;
/** What one socket may hold; the host caps it at `net.core.rmem_max`. */
const SOCKET_BUFFER = 4 * 1024 * 1024;
/**
 * Ports for the guest's side are taken below the range from which systems hand out ports by themselves (Linux: 32768 and up), because the
 * guest opens its socket some seconds after we found the port free, and again for every session.
 */
const GUEST_PORTS = { first: 20_000, count: 12_000 };

const bound = (socket: Socket, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, LOOPBACK, () => {
      socket.off('error', reject);
      resolve(socket.address().port);
    });
  });

const freeGuestPort = async (): Promise<number> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = GUEST_PORTS.first + Math.floor(Math.random() * GUEST_PORTS.count);
    const probe = createSocket('udp4');
    try {
      await bound(probe, port);
      return port;
    } catch {
      continue;
    } finally {
      probe.close();
    }
  }
  throw new InternalFault('No free UDP port was found for a guest in 100 attempts');
};

/** Our end of one of a guest's Ethernet devices: whole frames as L2TPv3 in UDP on the loopback interface. */
export class FramePort {
  readonly #socket: Socket;
  readonly #ourPort: number;
  readonly #guestPort: number;
  /** Frames since the guest was booted. */
  sent = 0;
  received = 0;
  /** Gets every frame; the bytes are its own. */
  receiver: ((frame: Uint8Array) => void) | null = null;
  onFault: ((reason: string) => void) | null = null;

  private constructor(socket: Socket, ourPort: number, guestPort: number) {
    this.#socket = socket;
    this.#ourPort = ourPort;
    this.#guestPort = guestPort;
    socket.on('message', (message) => this.#take(message));
    socket.on('error', (error) => this.onFault?.(`The socket to the guest broke: ${error.message}`));
  }

  static async create(): Promise<FramePort> {
    const guestPort = await freeGuestPort();
    const socket = createSocket('udp4');
    const ourPort = await bound(socket, 0);
    socket.setRecvBufferSize(SOCKET_BUFFER);
    socket.setSendBufferSize(SOCKET_BUFFER);
    // Connected, so that a datagram is sent at once instead of after a look-up of the address.
    await new Promise<void>((resolve) => socket.connect(guestPort, LOOPBACK, resolve));
    return new FramePort(socket, ourPort, guestPort);
  }

  /** The boot argument that gives the guest a device with our other end. */
  deviceArgument(name: string, mtu: number): string {
    return `${name}:transport=l2tpv3,udp=1,src=${LOOPBACK},dst=${LOOPBACK},srcport=${this.#guestPort},dstport=${this.#ourPort},rx_session=1,tx_session=1,depth=64,gro=0,mtu=${mtu}`;
  }

  send(frame: Uint8Array): void {
    this.sent++;
    const datagram = new Uint8Array(HEADER.length + frame.length);
    datagram.set(HEADER);
    datagram.set(frame, HEADER.length);
    this.#socket.send(datagram, (error) => {
      if (error !== null) this.onFault?.(`A frame could not be sent to the guest: ${error.message}`);
    });
  }

  close(): void {
    this.#socket.close();
  }

  #take(message: Buffer): void {
    this.received++;
    this.receiver?.(message.subarray(HEADER.length));
  }
}
