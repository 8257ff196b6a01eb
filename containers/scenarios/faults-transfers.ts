import { randomUUID } from 'node:crypto';
import type { CommandResult, Machine } from '../lab/machine.ts';
import type { ContentName } from '../services/content.ts';
import { clientCommand } from './client-command.ts';

/** Bytes after which a transfer is under way. */
const UNDER_WAY = 200_000;
const CURL = 'curl --silent --show-error --fail --no-buffer';

/** What a client has when a download has ended, one way or the other. */
export interface Received {
  /** Exit status of curl. */
  readonly status: number;
  readonly bytes: number;
  readonly hash: string;
  /** Whether the bytes are those that the file begins with: a wrong one among them is worse than missing ones. */
  readonly isBeginning: boolean;
}

export interface Download {
  /** Who sends it. */
  readonly server: string;
  readonly ended: Promise<Received>;
  /** Bytes that have come so far, and after another second. */
  arrived(): Promise<readonly number[]>;
}

export interface DownloadOptions {
  /** Default `large.bin`. */
  readonly file?: ContentName;
  /** Bytes a second as nginx writes it: `4m`. */
  readonly rate: string;
  /** Seconds until the client gives up. */
  readonly limit: number;
}

/** Starts a download and resolves when it is under way. A client that waits asks once a second whether its server is still there. */
export async function startDownload(
  client: Machine,
  base: string,
  { file = 'large.bin', rate, limit }: DownloadOptions,
): Promise<Download> {
  const folder = `/tmp/${randomUUID()}`;
  const [head, body] = [`${folder}/head`, `${folder}/body`];
  const url = `${base}/${file}?rate=${rate}`;
  const background = client.spawn(
    `mkdir ${folder} && ${CURL} --max-time ${limit} --keepalive-time 1 --dump-header ${head} --output ${body} '${url}'`,
    { timeoutSeconds: limit + 5 },
  );
  const bytes = `stat -c %s ${body} 2>/dev/null || echo 0`;
  const name = `sed -n 's/^X-Server: \\([a-z0-9]*\\).*/\\1/p' ${head}`;
  const server = await clientCommand(client, untilUnderWay(`[ "$(${bytes})" -ge ${UNDER_WAY} ] && ${name}`));
  const received = async (): Promise<Received> => {
    const { status } = await background.ended;
    const compare = `cmp -s -n "$size" ${body} /srv/content/${file} && echo same || echo other`;
    const found = await client.must(`size=$(${bytes}); echo $size; ${compare}; sha256sum <${body}`);
    const [size, comparison, hash = ''] = found.split(/\s+/);
    return { status, bytes: Number(size), hash, isBeginning: comparison === 'same' };
  };
  return { server: server.trim(), ended: received(), arrived: () => twice(client, bytes) };
}

export interface UploadOptions {
  /** Bytes a second as curl writes it: `4M`. */
  readonly rate: string;
  /** Seconds until the client gives up. */
  readonly limit: number;
}

export interface Upload {
  readonly ended: Promise<CommandResult>;
  /** Bytes of which the client knows that they have arrived, and after another second. */
  arrived(): Promise<readonly number[]>;
}

/** Starts an upload of `large.bin` to `url` on the address `vip`; resolves when it is under way. */
export async function startUpload(
  client: Machine,
  vip: string,
  url: string,
  { rate, limit }: UploadOptions,
): Promise<Upload> {
  const background = client.spawn(
    `${CURL} --max-time ${limit} --limit-rate ${rate} --upload-file /srv/content/large.bin '${url}'`,
    { timeoutSeconds: limit + 5 },
  );
  const connections = `ss -Htin state established dst ${vip}`;
  const acknowledged = `${connections} | sed -n 's/.*bytes_acked:\\([0-9]*\\).*/\\1/p' | sort -n | tail -n 1`;
  await clientCommand(client, untilUnderWay(`acked=$(${acknowledged}); [ "\${acked:-0}" -ge ${UNDER_WAY} ]`));
  return { ended: background.ended, arrived: () => twice(client, acknowledged) };
}

/** SHA-256 of a file that was sent to `/upload/NAME`, as the server has it; `none` where it has none, or only a part of it. */
export async function uploadedHash(server: Machine, name: string): Promise<string> {
  const file = `/run/upload/${name}`;
  const found = await server.must(`[ -e ${file} ] && sha256sum <${file} || echo none`);
  return found.split(/\s+/)[0] ?? '';
}

/** Two numbers with a second between them. */
async function twice(client: Machine, number: string): Promise<readonly number[]> {
  return (await client.must(`${number}; sleep 1; ${number}`)).trim().split('\n').map(Number);
}

function untilUnderWay(condition: string): string {
  return `for _ in $(seq 100); do ${condition} && exit 0; sleep 0.05; done; echo 'it is not under way after 5 s' >&2; exit 1`;
}
