import type { LayerOf } from '../../reference/wire/layer.ts';
import type { Matcher, TemplateLayer } from './expectation.ts';
import type { FlowTunnel } from './flow.ts';
import type { Attachment } from './lab.ts';
import { tunnelHeaders } from './tunnel-headers.ts';

export type IpHeader = Omit<LayerOf<'ip'>, 'checksum'> | LayerOf<'ip6'>;

const HEADER_LENGTH = { ip: 20, ip6: 40 } as const;
/** The two low bits of the TOS byte or traffic class (RFC 3168 §5). */
const ECN = 0x03;

export function addressOf({ address, address6 }: Attachment, family: 'ipv4' | 'ipv6'): string {
  return family === 'ipv4' ? address : address6;
}

/** The TTL or hop limit. */
export function hopsOf(header: IpHeader): number {
  return (header.kind === 'ip' ? header.ttl : header.hopLimit) ?? 0;
}

export function withHops(header: IpHeader, hops: number | Matcher<number>): TemplateLayer {
  return header.kind === 'ip' ? { ...header, ttl: hops } : { ...header, hopLimit: hops };
}

/** Paper P11 and P13: only one address changes. RFC 1812 §5.3.1, RFC 8200 §3: a router takes one hop. */
export function translatedHeader(
  header: IpHeader,
  change: { readonly source: string } | { readonly destination: string },
): TemplateLayer {
  return { ...withHops(header, hopsOf(header) - 1), ...change };
}

/**
 * The headers of a tunnel around `inner`. RFC 2003 §3.1, RFC 2473 §5 and §6.4: TOS or traffic class copied (but for the ECN bits, RFC 6040),
 * DF set where the inner one is; hops, id and flow label are the director's own.
 */
export function outerHeaders(
  inner: IpHeader,
  family: 'ipv4' | 'ipv6',
  tunnel: FlowTunnel,
  director: Attachment,
  server: Attachment,
): readonly TemplateLayer[] {
  const innerLength = inner.kind === 'ip' ? (inner.totalLength ?? 0) : HEADER_LENGTH.ip6 + (inner.payloadLength ?? 0);
  const { protocol, headers, length: tunnelLength } = tunnelHeaders(tunnel, inner.kind, innerLength);
  const length = tunnelLength + innerLength;
  const traffic = (inner.kind === 'ip' ? inner.tos : inner.trafficClass) ?? 0;
  const isCopied = (traffic & ECN) === 0;
  const ends = { source: addressOf(director, family), destination: addressOf(server, family) };
  const outer: TemplateLayer =
    family === 'ipv6'
      ? {
          kind: 'ip6',
          payloadLength: length,
          nextHeader: protocol,
          ...ends,
          ...(isCopied ? { trafficClass: traffic } : {}),
        }
      : {
          kind: 'ip',
          headerLength: HEADER_LENGTH.ip,
          totalLength: length + HEADER_LENGTH.ip,
          protocol,
          ...ends,
          mf: false,
          offset: 0,
          ...(isCopied ? { tos: traffic } : {}),
          ...(inner.kind === 'ip' && inner.df === true ? { df: true } : {}),
        };
  return [outer, ...headers];
}

export function withoutChecksum<L extends { readonly checksum?: number }>(layer: L): Omit<L, 'checksum'> {
  const copy: { checksum?: number } & Omit<L, 'checksum'> = { ...layer };
  delete copy.checksum;
  return copy;
}
