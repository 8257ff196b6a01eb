import { UnsupportedFeature } from '../../reference/errors.ts';
import { buildFromBase, problemOfBase } from './build-from-base.ts';
import { buildFromPackages, problemOfPackages } from './build-from-packages.ts';
import type { Docker } from './engine.ts';
import { IMAGE, REPOSITORY, TAG } from './image-recipe.ts';
import { removeImage } from './remove.ts';

export interface BuildOptions {
  /** For what is needed on the way. */
  readonly folder: string;
  readonly label: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface ImageOptions extends BuildOptions {
  /** Rejects where an image of this id does not work. */
  readonly check: (id: string) => Promise<void>;
  readonly say: (line: string) => void;
}

/** A way to make the image. */
interface Way {
  readonly name: string;
  /** Null, or why it cannot be gone here; in some seconds. */
  readonly problem: (docker: Docker) => Promise<string | null> | string | null;
  readonly build: (docker: Docker, options: BuildOptions) => Promise<string>;
}

const WAYS: readonly Way[] = [
  { name: 'on a public base image', problem: problemOfBase, build: buildFromBase },
  { name: "of Debian's packages with mmdebstrap", problem: problemOfPackages, build: buildFromPackages },
];

/**
 * The image that every container is made of: the one that is there, or a new one. A new one has its name only after it was found to work.
 * @returns its name
 * @throws {UnsupportedFeature} where it can be made in no way, with the reason for each
 */
export async function obtainImage(docker: Docker, options: ImageOptions): Promise<string> {
  if (await isThere(docker, IMAGE)) return IMAGE;
  const { check, say, signal } = options;
  const reasons: string[] = [];
  for (const { name, problem, build } of WAYS) {
    const obstacle = await problem(docker);
    if (obstacle !== null) {
      reasons.push(obstacle);
      continue;
    }
    say(`image: building it ${name} (about half a minute)`);
    try {
      const id = await build(docker, options);
      await nameIfFit(docker, id, check);
      return IMAGE;
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message.trim() : String(error);
      say(`image: cannot be built ${name}: ${reason}`);
      reasons.push(reason);
    }
  }
  throw new UnsupportedFeature(`the image ${IMAGE} cannot be made: ${reasons.join('; ')}`);
}

async function nameIfFit(docker: Docker, id: string, check: ImageOptions['check']): Promise<void> {
  try {
    await check(id);
    await docker.getImage(id).tag({ repo: REPOSITORY, tag: TAG });
  } catch (error) {
    await removeImage(docker, id);
    throw error;
  }
}

async function isThere(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getImage(name).inspect();
    return true;
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return false;
    throw error;
  }
}
