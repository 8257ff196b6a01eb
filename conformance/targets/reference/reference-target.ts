import type { Environment } from '../../../reference/environment.ts';
import { MalformedInput, UnsupportedFeature } from '../../../reference/errors.ts';
import { Director } from '../../../reference/director.ts';
import type { Profile } from '../../../reference/profile.ts';
import {
  ConfigurationRefused,
  FEATURES,
  type Feature,
  type FrameReceiver,
  type Session,
  type Target,
} from '../target.ts';

/** The reference director in this process. With profile `paper` it is not judged by what kernel IPVS does. */
export class ReferenceTarget implements Target {
  readonly id = 'reference';
  readonly description: string;
  readonly version: string;
  readonly features: ReadonlySet<Feature>;
  /** Everything happens at once in one thread: a second session gains nothing. */
  readonly concurrency = 1;
  readonly #profile: Profile;

  constructor({ profile }: { readonly profile: Profile }) {
    this.#profile = profile;
    this.description = `the reference director: ${profile.description}`;
    this.version = `profile ${profile.id}`;
    this.features = new Set(FEATURE_NAMES.filter((feature) => feature !== 'kernel-choices' || profile.id !== 'paper'));
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  open(environment: Environment, receiver: FrameReceiver): Promise<Session> {
    const profile = this.#profile;
    return Promise.resolve(
      new ReferenceSession(
        new Director({ environment, profile, transmit: (port, frame) => receiver(port, frame.slice()) }),
      ),
    );
  }
}

const FEATURE_NAMES = Object.keys(FEATURES) as Feature[];

/** Everything is done when a call returns, so the promises only keep the contract. */
class ReferenceSession implements Session {
  readonly #director: Director;

  constructor(director: Director) {
    this.#director = director;
  }

  async configure(commands: readonly string[]): Promise<void> {
    try {
      for (const command of commands) this.#director.administer(command);
    } catch (error) {
      if (error instanceof MalformedInput || error instanceof UnsupportedFeature)
        throw new ConfigurationRefused(error.message);
      throw error;
    }
    return Promise.resolve();
  }

  send(port: number, frame: Uint8Array): void {
    this.#director.receive(port, frame);
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  advance(seconds: number): Promise<void> {
    this.#director.advance(seconds * 1000);
    return Promise.resolve();
  }

  setSysctl(name: string, value: string): Promise<void> {
    this.#director.setSysctl(name, value);
    return Promise.resolve();
  }

  connections(): Promise<string> {
    return Promise.resolve(this.#director.connectionsText());
  }

  services(): Promise<string> {
    return Promise.resolve(this.#director.servicesText());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
