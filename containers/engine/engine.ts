import { getContainerRuntimeClient, type ContainerRuntimeClient } from 'testcontainers';
import { UnsupportedFeature } from '../../reference/errors.ts';
import { defaultEndpoint, problemOf } from './endpoint.ts';

/** The engine's own interface, as the library has it. */
export type Docker = ContainerRuntimeClient['container']['dockerode'];

export interface Engine {
  readonly docker: Docker;
  /** `Docker 20.10.24, Debian GNU/Linux 12` */
  readonly description: string;
}

/**
 * The container engine of this machine: that of DOCKER_HOST, or the one whose socket is found.
 * @throws {UnsupportedFeature} where none answers, within some seconds, with the reason and the mend
 */
export async function findEngine(): Promise<Engine> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new UnsupportedFeature(
      `containers need Linux on x86-64, this is ${process.platform} on ${process.arch}; run it there`,
    );
  }
  const named = process.env['DOCKER_HOST'] ?? '';
  const endpoint = named === '' ? defaultEndpoint() : named;
  const problem = await problemOf(endpoint);
  if (problem !== null) throw new UnsupportedFeature(`no container engine answers: ${problem}`);
  process.env['DOCKER_HOST'] = endpoint;
  // Its own sweeper is an image from a registry, and none may answer: `sweep.ts` does that work.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  // Of no use without ports; where the library looks for it itself, an engine without a bridge is none to it.
  process.env['TESTCONTAINERS_HOST_OVERRIDE'] ??= 'localhost';
  const { container, info } = await getContainerRuntimeClient();
  const { socketPath, host } = container.dockerode.modem as { readonly socketPath?: string; readonly host?: string };
  const { pathname, hostname } = new URL(endpoint);
  if (socketPath !== pathname && host !== hostname) {
    throw new UnsupportedFeature(
      `testcontainers takes another engine (${socketPath ?? host ?? 'unknown'}) than ${endpoint}; unset TESTCONTAINERS_ variables and mend ~/.testcontainers.properties`,
    );
  }
  const { operatingSystem, operatingSystemType, architecture, serverVersion } = info.containerRuntime;
  if (operatingSystemType !== 'linux' || architecture !== 'x86_64') {
    throw new UnsupportedFeature(
      `the engine at ${endpoint} runs containers of ${operatingSystemType} on ${architecture}; Linux on x86-64 is needed: set DOCKER_HOST to such a one`,
    );
  }
  return { docker: container.dockerode, description: `Docker ${serverVersion}, ${operatingSystem}` };
}
