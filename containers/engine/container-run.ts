import { tmpdir } from 'node:os';
import { createOwnFolder, removeOwnFolder } from '../../conformance/targets/kernel/own-folders.ts';
import { checkHost } from './check-host.ts';
import { checkImage } from './check-image.ts';
import { findEngine, type Engine } from './engine.ts';
import { obtainImage } from './image.ts';
import { ownIdentity, ownViewpoint, RUN_LABEL, writeIdentity } from './labels.ts';
import { RunContainer } from './run-container.ts';
import { sweep } from './sweep.ts';

/** What one process has of containers: the engine, the image, and all that it makes of them, which is gone when it ends. */
export class ContainerRun {
  readonly engine: Engine;
  /** A folder for files of this run. */
  readonly folder = createOwnFolder(tmpdir(), 'lvs-containers-');
  readonly #label = { [RUN_LABEL]: writeIdentity(ownIdentity()) };
  readonly #containers: RunContainer[] = [];
  #image = '';

  private constructor(engine: Engine) {
    this.engine = engine;
  }

  /**
   * Finds an engine, makes the image where it is not there, looks whether this machine has what containers need, and removes what runs
   * left behind that were killed.
   * @throws {UnsupportedFeature} what is lacking, and the mend
   */
  static async begin(say: (line: string) => void, signal: AbortSignal): Promise<ContainerRun> {
    const run = new ContainerRun(await findEngine());
    try {
      const { docker } = run.engine;
      run.#image = await obtainImage(docker, {
        folder: run.folder,
        label: run.#label,
        check: (image) => checkImage(run.#containerOf(image, 'image-check')),
        say,
        signal,
      });
      const from = ownViewpoint();
      await checkHost(run.container('host-check'), from);
      // Not before: on another kernel's engine the runs of other machines would look as if they had ended.
      await sweep(docker, from);
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  /** A container to be started; `name` is its host name. */
  container(name: string): RunContainer {
    return this.#containerOf(this.#image, name);
  }

  /** Removes all that is left of the run. */
  async close(): Promise<void> {
    await Promise.all(this.#containers.map((container) => container.remove()));
    removeOwnFolder(this.folder);
  }

  #containerOf(image: string, name: string): RunContainer {
    // Unique on the engine as the folder is on the machine; the rest is for who lists containers.
    const unique = `lvs-${this.folder.slice(-6)}-${this.#containers.length}-${name}`;
    const container = new RunContainer(this.engine.docker, image)
      .withName(unique)
      .withHostname(name)
      .withLabels(this.#label);
    this.#containers.push(container);
    return container;
  }
}
