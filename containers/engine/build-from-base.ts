import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageIdIn } from './engine-answer.ts';
import type { Docker } from './engine.ts';
import type { BuildOptions } from './image.ts';
import { BASE_IMAGE, DOCKERFILE } from './image-recipe.ts';

const PATIENCE_MS = 2500;

/** Whether the public base image can be had: it is there, or the engine reaches a registry that has it. Null, or why not. */
export async function problemOfBase(docker: Docker): Promise<string | null> {
  const image = docker.getImage(BASE_IMAGE);
  try {
    await image.inspect();
    return null;
  } catch {
    // Not there: where is it?
  }
  try {
    await image.distribution({ abortSignal: AbortSignal.timeout(PATIENCE_MS) });
    return null;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return `no registry answers for ${BASE_IMAGE} (${text.replace(/^\(HTTP code \d+\)[^-]*- /, '').trim()})`;
  }
}

/** Builds the image on the public base image. Answers its id. */
export async function buildFromBase(docker: Docker, { folder, label, signal }: BuildOptions): Promise<string> {
  writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE);
  const answer = await docker.buildImage(
    { context: folder, src: ['Dockerfile'] },
    // On the machine's own network its proxies and names are those that work.
    { labels: label, networkmode: 'host', rm: true, forcerm: true, abortSignal: signal },
  );
  return imageIdIn(answer);
}
