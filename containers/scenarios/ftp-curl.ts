import type { Machine } from '../lab/machine.ts';
import type { ContentName } from '../services/content.ts';

/**
 * How data connections come about, by the command that asks for them (RFC 959 §3.2, RFC 2428), as options of curl. It would connect to
 * the host that it knows already, whatever address it is told.
 */
export const DATA_COMMANDS = {
  PASV: '--disable-epsv --no-ftp-skip-pasv-ip',
  EPSV: '',
  PORT: '--ftp-port - --disable-eprt',
  EPRT: '--ftp-port -',
} as const;

export type DataCommand = keyof typeof DATA_COMMANDS;

/** One session of curl with one transfer. */
export interface FtpSession {
  /** Name of the server that greeted. */
  readonly server: string;
  /** What was said on the control connection, a line each: curl's commands and the server's replies. */
  readonly said: readonly string[];
  /** SHA-256 of what was received, if anything was to be; curl's last words where it failed. */
  readonly outcome: string;
}

const CURL = 'curl --silent --show-error --verbose --globoff --connect-timeout 3 --max-time 8';

/** @param host name or address; one of IPv6 in brackets */
export function ftpDownload(client: Machine, host: string, file: ContentName, by: DataCommand): Promise<FtpSession> {
  return session(
    client,
    `file=$(mktemp); ${CURL} ${DATA_COMMANDS[by]} --output "$file" 'ftp://${host}/content/${file}' && sha256sum <"$file"; status=$?; rm "$file"; exit $status`,
  );
}

/** @param name of the file in the server's folder `/srv/upload` */
export function ftpUpload(
  client: Machine,
  host: string,
  file: ContentName,
  name: string,
  by: DataCommand,
): Promise<FtpSession> {
  return session(
    client,
    `${CURL} ${DATA_COMMANDS[by]} --upload-file /srv/content/${file} 'ftp://${host}/upload/${name}'`,
  );
}

async function session(client: Machine, command: string): Promise<FtpSession> {
  const { status, output, errors } = await client.run(command);
  const lines = errors.split('\n').map((line) => line.trimEnd());
  const said = lines.filter((line) => /^[<>] /.test(line)).map((line) => line.slice(2));
  const greeting = said.find((line) => line.startsWith('220 ')) ?? '';
  const failure = lines.findLast((line) => line.startsWith('curl:')) ?? `status ${status}`;
  return { server: greeting.slice(4), said, outcome: status === 0 ? (output.split(/\s/)[0] ?? '') : failure };
}
