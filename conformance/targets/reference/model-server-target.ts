import { ModelServer } from '../../../generators/real-server/model-server.ts';
import type { ServerSetup } from '../../../generators/real-server/server-setup.ts';
import { Clock } from '../../../reference/clock.ts';
import type { ServerTarget } from '../server-target.ts';
import type { Feature, FrameReceiver, FrameSession } from '../target.ts';

/** The model server in this process. */
export class ModelServerTarget implements ServerTarget {
  readonly id = 'server-reference';
  readonly description = 'the model server: a host written after the RFCs, arranged as Linux is';
  readonly version = 'model';
  readonly features: ReadonlySet<Feature> = new Set<Feature>(['nat', 'direct-route', 'tunnel', 'tcp', 'udp', 'clock']);
  /** Everything happens at once in one thread: a second session gains nothing. */
  readonly concurrency = 1;

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  openServer(setup: ServerSetup, receiver: FrameReceiver): Promise<FrameSession> {
    const clock = new Clock();
    const server = new ModelServer({ setup, clock, transmit: (frame) => receiver(0, frame.slice()) });
    return Promise.resolve({
      send: (_port, frame) => server.receive(frame),
      settle: () => Promise.resolve(),
      advance: (seconds) => {
        clock.advance(seconds * 1000, () => undefined);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  }
}
