import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';

const PATIENCE_MS = 2000;

const INSTALL =
  'install and start one, as root: apt-get install docker.io, and where that starts no service: dockerd &';

/** Where an engine may listen, as DOCKER_HOST would say it: the first socket that there is, else the usual one. */
export function defaultEndpoint(): string {
  const home = homedir();
  const usual = '/var/run/docker.sock';
  const runtimeFolder = process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${userInfo().uid}`;
  const sockets = [
    usual,
    join(runtimeFolder, 'docker.sock'),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
  ];
  return `unix://${sockets.find((path) => existsSync(path)) ?? usual}`;
}

/** Whether an engine answers there: null, or why not and what mends it. In two seconds at most. */
export async function problemOf(endpoint: string): Promise<string | null> {
  const { protocol, hostname, port, pathname } = URL.canParse(endpoint) ? new URL(endpoint) : new URL('none:');
  const address =
    protocol === 'unix:'
      ? { socketPath: pathname }
      : protocol === 'tcp:' || protocol === 'http:'
        ? { host: hostname, port: port === '' ? 2375 : Number(port) }
        : null;
  if (address === null) return `${endpoint} is no unix:// or tcp:// address; set DOCKER_HOST to one, or unset it`;
  return new Promise((resolve) => {
    const ping = request({ ...address, path: '/_ping' }, (response) => {
      response.resume();
      const { statusCode } = response;
      resolve(statusCode === 200 ? null : `${endpoint} answers with status ${statusCode ?? 'unknown'}; see its log`);
    });
    // Not a time limit for silence on the connection: one for all of it.
    const timer = setTimeout(() => ping.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })), PATIENCE_MS);
    ping.on('close', () => clearTimeout(timer));
    ping.on('error', (error: NodeJS.ErrnoException) => resolve(explain(endpoint, error.code ?? error.message)));
    ping.end();
  });
}

/** @param code of the failed connection */
export function explain(endpoint: string, code: string): string {
  switch (code) {
    case 'ENOENT':
      return `there is no ${endpoint}; ${INSTALL}`;
    case 'ECONNREFUSED':
      return `nothing listens at ${endpoint}; start it: service docker start, or dockerd &`;
    case 'EACCES':
      return `this user may not use ${endpoint}; run as root, or add the user to the group docker and log in again: usermod -aG docker ${userInfo().username}`;
    case 'ETIMEDOUT':
      return `${endpoint} does not answer within ${PATIENCE_MS / 1000} s; start the engine again, or set DOCKER_HOST to another`;
    default:
      return `${endpoint}: ${code}; set DOCKER_HOST to an engine that answers, or unset it`;
  }
}
