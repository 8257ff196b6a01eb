import type { Machine } from '../lab/machine.ts';
import { clientCommand } from './client-command.ts';

/** What a client got: the name of the server that sent it, and the SHA-256 of the content. */
export interface Answer {
  readonly server: string;
  readonly hash: string;
}

/** Gives up in time, and fails where the server answers with an error. */
export const CURL = 'curl --silent --show-error --fail --max-time 20';

/** Names of the servers that answered so many requests, each on a connection of its own, one after the other. */
export async function serversAsked(
  client: Machine,
  base: string,
  requests: number,
  options = '',
): Promise<readonly string[]> {
  const output = await clientCommand(
    client,
    `${CURL} ${options} --header 'Connection: close' '${base}/whoami?[1-${requests}]'`,
  );
  return output.trim().split('\n');
}

/** As {@link serversAsked}, but on a connection that is kept; `connections` says how many it took. */
export async function serversAskedOnOne(
  client: Machine,
  base: string,
  requests: number,
): Promise<{ readonly servers: readonly string[]; readonly connections: number }> {
  const output = await clientCommand(
    client,
    `${CURL} --write-out '%{num_connects}\\n' '${base}/whoami?[1-${requests}]'`,
  );
  const lines = output.trim().split('\n');
  const opened = lines.filter((_, index) => index % 2 === 1).map(Number);
  return {
    servers: lines.filter((_, index) => index % 2 === 0),
    connections: opened.reduce((sum, count) => sum + count, 0),
  };
}

/** Downloads side by side, one for each URL. */
export async function download(client: Machine, urls: readonly string[], options = ''): Promise<readonly Answer[]> {
  return Promise.all(urls.map(async (url) => answerOf(await clientCommand(client, downloadCommand(url, options)))));
}

/** A line of shell that prints what {@link answerOf} reads. Server and hash are of one and the same transfer, so it goes by a file. */
export function downloadCommand(url: string, options = ''): string {
  const transfer = `${CURL} ${options} --output "$file" --write-out '%header{x-server} ' '${url}'`;
  return `file=$(mktemp); trap 'rm "$file"' EXIT; ${transfer} && sha256sum < "$file"`;
}

export function answerOf(output: string): Answer {
  const [server = '', hash = ''] = output.split(/\s+/);
  return { server, hash };
}
