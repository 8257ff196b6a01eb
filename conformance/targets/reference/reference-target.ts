import type { Environment } from '../../../reference/environment.ts';
import { Director } from '../../../reference/director.ts';
import type { Profile } from '../../../reference/profile.ts';
import { featuresOfProfile } from '../features-of-profile.ts';
import {
  ConfigurationRefused,
  type Feature,
  type FrameReceiver,
  type Session,
  type StatisticsFile,
  type Target,
} from '../target.ts';

export interface ReferenceTargetOptions {
  readonly profile: Profile;
  /** Default `reference`. */
  readonly id?: string;
  /** Default: the reference director itself; a mutant of it, to see that the suite notices. */
  readonly director?: typeof Director;
}

/** The reference director in this process. With profile `paper` it is not judged by what kernel IPVS does. */
export class ReferenceTarget implements Target {
  readonly id: string;
  readonly description: string;
  readonly version: string;
  readonly features: ReadonlySet<Feature>;
  readonly profile: Profile;
  /** Everything happens at once in one thread: a second session gains nothing. */
  readonly concurrency = 1;
  readonly #director: typeof Director;

  constructor({ profile, id = 'reference', director = Director }: ReferenceTargetOptions) {
    this.id = id;
    this.profile = profile;
    this.#director = director;
    this.description = `the reference director: ${profile.description}`;
    this.version = `profile ${profile.id}`;
    this.features = featuresOfProfile(profile);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  open(environment: Environment, receiver: FrameReceiver): Promise<Session> {
    const { profile } = this;
    return Promise.resolve(
      new ReferenceSession(
        new this.#director({ environment, profile, transmit: (port, frame) => receiver(port, frame.slice()) }),
      ),
    );
  }
}

/** Everything is done when a call returns, so the promises only keep the contract. */
class ReferenceSession implements Session {
  readonly #director: Director;

  constructor(director: Director) {
    this.#director = director;
  }

  configure(commands: readonly string[]): Promise<void> {
    return refusing(() => {
      for (const command of commands) this.#director.administer(command);
    });
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

  origins(): Promise<string> {
    return Promise.resolve(this.#director.originsText());
  }

  services(): Promise<string> {
    return Promise.resolve(this.#director.servicesText());
  }

  list(command: string): Promise<string> {
    return refusing(() => this.#director.query(command));
  }

  statistics(file: StatisticsFile): Promise<string> {
    return Promise.resolve(
      file === 'ip_vs_stats' ? this.#director.statisticsText() : this.#director.statisticsPerCpuText(),
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What the director refuses is a refusal of the target. */
function refusing<Result>(act: () => Result): Promise<Result> {
  return Promise.resolve()
    .then(act)
    .catch((error: unknown) => {
      throw isRefusal(error) ? new ConfigurationRefused(error.message) : error;
    });
}

/** Told by its id: a mutant's errors are of classes of its own. */
function isRefusal(error: unknown): error is Error {
  return (
    error instanceof Error && 'id' in error && (error.id === 'malformed-input' || error.id === 'unsupported-feature')
  );
}
