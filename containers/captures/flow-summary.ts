import { PORT } from '../../reference/wire/port.ts';
import { TCP, TCP_FLAG } from '../../reference/wire/tcp.ts';
import { isFtpControl } from './director-pairs.ts';
import type { Side, SidedPacket } from './flows.ts';
import { textOf, type FlowForwarding, type Way } from './forwarding.ts';
import { ftpEndpoint } from './ftp-line.ts';
import type { Names } from './names.ts';

/** A flow without what its ends chose freely, so that it can be compared with one of another run. */
export interface FlowSummary {
  readonly forwarding: FlowForwarding;
  /** Who speaks to whom: `tcp client1 > VIP:80`. The same for all flows of one kind. */
  readonly kind: string;
  /** What the scheduler chooses for: the kind without the client; undefined for a data connection of FTP, which goes where its control connection went. */
  readonly service: string | undefined;
  /** `server2`; of a data connection `as its control connection`. */
  readonly server: string;
  readonly ways: readonly SummaryWay[];
  readonly paths: Readonly<Record<Side, string>>;
  readonly own: readonly string[];
  /** Nanoseconds. It is open until its first FIN or RST, or its last packet. */
  readonly begin: bigint;
  readonly end: bigint;
}

export interface SummaryWay {
  readonly side: Side;
  /** Without what is free, and with `its server` for the server's name. */
  readonly text: string;
  readonly way: Way;
}

/** The flows of a capture, in their order, without what ends choose freely. */
export function summaries(forwardings: readonly FlowForwarding[], names: Names): FlowSummary[] {
  const announced = announcedPorts(forwardings, names);
  const found: FlowSummary[] = [];
  for (const forwarding of forwardings) found.push(summary(forwarding, announced, found));
  return found;
}

function summary(
  forwarding: FlowForwarding,
  announced: ReadonlySet<number>,
  before: readonly FlowSummary[],
): FlowSummary {
  const { flow, ways, own } = forwarding;
  const { protocol, family, client, virtual, servers, packets, paths, startedBy } = flow;
  const isData =
    protocol === 'tcp' && (startedBy === 'server' ? virtual.port === PORT.ftpData : announced.has(virtual.port));
  const begin = packets[0]?.frame.timeNs ?? 0n;
  const end = (packets.find(isLast) ?? packets.at(-1))?.frame.timeNs ?? begin;
  const port = isData && startedBy === 'client' ? ':data port' : protocol === 'icmp' ? '' : `:${virtual.port}`;
  const service = `${protocol} ${virtual.name}${port} (IPv${family})`;
  const kind = `${protocol} ${client.name} ${startedBy === 'client' ? '>' : '<'} ${virtual.name}${port} (IPv${family})`;
  const server = servers.join(', ') || 'no server';
  return {
    forwarding,
    kind,
    service: isData ? undefined : service,
    server: isData ? asControl(server, client.name, begin, before) : server,
    ways: ways.map((way) => ({
      side: way.side,
      text: nameless(textOf(way.changes.filter(({ isFree }) => isFree !== true)), servers),
      way,
    })),
    paths: {
      client: nameless(paths.client.join(' → '), servers),
      server: nameless(paths.server.join(' → '), servers),
    },
    own: own.map(({ text }) => text),
    begin,
    end,
  };
}

/** Whether a control connection of the client that is there already has the same server. */
function asControl(server: string, client: string, begin: bigint, before: readonly FlowSummary[]): string {
  const isThere = before.some(
    (other) =>
      isFtpControl(other.forwarding.flow) &&
      other.forwarding.flow.client.name === client &&
      other.begin <= begin &&
      other.server === server,
  );
  return isThere ? 'as its control connection' : `${server}, where no control connection went`;
}

/** Which of the servers it was is compared by itself. */
export function nameless(text: string, servers: readonly string[]): string {
  return servers
    .reduce((result, server) => result.replaceAll(server, 'its server'), text)
    .replace(/its server(, its server)+/g, 'its server');
}

/** The ports of which servers told clients on control connections of FTP. */
function announcedPorts(forwardings: readonly FlowForwarding[], names: Names): Set<number> {
  const ports = new Set<number>();
  for (const { flow } of forwardings) {
    if (!isFtpControl(flow)) continue;
    for (const { side, frame, headers } of flow.packets) {
      const data = headers.at(-1);
      if (side !== 'server' || data?.kind !== 'payload') continue;
      const bytes = Buffer.from(frame.bytes.buffer, frame.bytes.byteOffset + data.offset, data.length);
      const endpoint = ftpEndpoint(bytes.toString('latin1'), names);
      if (endpoint !== undefined) ports.add(endpoint.port);
    }
  }
  return ports;
}

function isLast({ transport, view, isError }: SidedPacket): boolean {
  if (transport?.kind !== 'tcp' || isError) return false;
  return (view.getUint8(transport.offset + TCP.flags) & (TCP_FLAG.fin | TCP_FLAG.rst)) !== 0;
}
