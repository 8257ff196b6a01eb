import type { Docker } from './engine.ts';
import { IMAGE } from './image-recipe.ts';
import { hasEnded, readIdentity, RUN_LABEL, type Viewpoint } from './labels.ts';
import { removeContainer, removeImage } from './remove.ts';

/** So long an image of another list of packages stays after it was made: another working copy may use it. */
const KEPT_SECONDS = 24 * 60 * 60;

/** Removes what ended runs left behind: containers, images that were never finished, and images of lists of packages that were once. */
export async function sweep(docker: Docker, from: Viewpoint): Promise<void> {
  const filters = { label: [RUN_LABEL] };
  const containers = await docker.listContainers({ all: true, filters });
  const ended = containers.filter(({ Labels }) => isOfEndedRun(Labels, from));
  await Promise.all(ended.map(({ Id }) => removeContainer(docker, Id)));
  const now = Date.now() / 1000;
  const images = (await docker.listImages({ filters })).filter((image) => isLeftOver(image, from, now));
  for (const { Id } of images) await removeImage(docker, Id);
}

export function isOfEndedRun(labels: Readonly<Record<string, string>>, from: Viewpoint): boolean {
  const run = readIdentity(labels[RUN_LABEL] ?? '');
  return run !== null && hasEnded(run, from);
}

interface StoredImage {
  readonly RepoTags?: readonly string[] | null | undefined;
  readonly Created: number;
  readonly Labels: Readonly<Record<string, string>>;
}

/** An image without a name was never finished, or a run beside this one finished the same a moment later. */
export function isLeftOver({ RepoTags, Created, Labels }: StoredImage, from: Viewpoint, now: number): boolean {
  const names = (RepoTags ?? []).filter((name) => name !== '<none>:<none>');
  if (names.length === 0) return isOfEndedRun(Labels, from);
  return !names.includes(IMAGE) && now - Created > KEPT_SECONDS;
}
