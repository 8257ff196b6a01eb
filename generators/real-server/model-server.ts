import type { Clock } from '../../reference/clock.ts';
import { Sockets } from '../hosts/sockets.ts';
import type { TcpEndpoint } from '../hosts/tcp-endpoint.ts';
import { configurationOf, type ServerPlace } from './configuration-of.ts';
import type { ServerSetup } from './server-setup.ts';
import { responseTo, SERVICE_PORT } from './service.ts';

export interface ModelServerOptions {
  readonly setup: ServerSetup;
  readonly clock: Clock;
  readonly transmit: (frame: Uint8Array) => void;
  /** Default: that of the network in which one server is judged. */
  readonly place?: ServerPlace;
}

/** A real server as a pure machine: frames in, frames out. It gives content over TCP (service.ts), and sends datagrams back as they came. */
export class ModelServer {
  readonly #sockets: Sockets;

  constructor({ setup, clock, transmit, place }: ModelServerOptions) {
    this.#sockets = new Sockets({ configuration: configurationOf(setup, place), clock, transmit });
    this.#sockets.listen(SERVICE_PORT, answering);
    this.#sockets.serveDatagrams(SERVICE_PORT, (data) => ({ data, from: setup.datagramsFrom }));
  }

  receive(frame: Uint8Array): void {
    this.#sockets.receive(frame);
  }
}

/** Bytes of a request; who sends more without coming to its end is not served. */
const LONGEST_REQUEST = 4096;

/** One request, one response, then the end. */
function answering(stream: TcpEndpoint) {
  let request = '';
  return {
    received(data: Uint8Array): void {
      if (request.includes('\r\n\r\n') || request.length > LONGEST_REQUEST) return;
      request += String.fromCharCode(...data);
      const response = responseTo(request);
      if (response === undefined) return;
      stream.write(response);
      stream.close();
    },
    ended: () => stream.close(),
  };
}
