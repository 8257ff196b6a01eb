import type { Docker } from './engine.ts';

/** Also where it still runs. One that is gone, or that the engine is removing, is as good as removed. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  try {
    await docker.getContainer(id).remove({ force: true, v: true });
  } catch (error) {
    if (!isOneOf(error, [404, 409])) throw error;
  }
}

/** Unless a container uses it. */
export async function removeImage(docker: Docker, id: string): Promise<void> {
  try {
    await docker.getImage(id).remove();
  } catch (error) {
    if (!isOneOf(error, [404, 409])) throw error;
  }
}

const isOneOf = (error: unknown, statusCodes: readonly number[]): boolean =>
  error instanceof Error &&
  'statusCode' in error &&
  typeof error.statusCode === 'number' &&
  statusCodes.includes(error.statusCode);
