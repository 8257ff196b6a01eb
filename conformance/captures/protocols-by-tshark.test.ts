import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { chunk, ethernet, gre, gue, ip, payload, sctp, tcp, udp, type Layer } from '../../reference/wire/layer.ts';
import { buildPacket } from '../../reference/wire/packet.ts';
import { writeCapture } from './write-capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'protocols-tshark-'));
afterAll(() => rmSync(folder, { recursive: true }));

function tshark(...args: readonly string[]): string | null {
  try {
    return execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

const missing = tshark('--version') === null ? ' (skipped: tshark is not installed)' : '';
const ports = { sourcePort: 40001, destinationPort: 90 };
const outer = ip({ source: '192.168.1.1', destination: '192.168.1.11' });
const inner = [ip({ source: '10.0.0.2', destination: '10.0.0.100' }), tcp(), payload('hello')];

/** tshark: 1 says that a checksum is right, 0 that it is wrong. */
describe.skipIf(missing !== '')(`tshark reads what we build${missing}`, () => {
  test.each<[string, string, readonly string[], readonly Layer[]]>([
    [
      'SCTP and its CRC32c',
      '90|1|1|20',
      ['sctp.dstport', 'sctp.chunk_type', 'sctp.checksum.status', 'sctp.chunk_length'],
      [outer, sctp(ports), chunk({ type: 1, data: '0000000100010000000a000a00000001' })],
    ],
    [
      'several chunks, one of them filled up',
      '10,0|1',
      ['sctp.chunk_type', 'sctp.checksum.status'],
      [
        outer,
        sctp({ ...ports, verificationTag: 7 }),
        chunk({ type: 10, data: 'aabbcc' }),
        chunk({ flags: 3, data: '00000001000000000000000068656c6c6f' }),
      ],
    ],
    [
      'a wrong CRC32c',
      '1|0',
      ['sctp.chunk_type', 'sctp.checksum.status'],
      [outer, sctp({ ...ports, checksum: 1 }), chunk({ type: 1, data: '0000000100010000000a000a00000001' })],
    ],
    ['GRE and what is inside', '0x0800|192.168.1.1,10.0.0.2', ['gre.proto', 'ip.src'], [outer, gre(), ...inner]],
    [
      'the checksum of GRE',
      '0x0800|1',
      ['gre.proto', 'gre.checksum.status'],
      [outer, gre({ flags: 0x8000 }), ...inner],
    ],
    [
      'GUE as a datagram with a right checksum',
      '6080|1',
      ['udp.dstport', 'udp.checksum.status'],
      [outer, udp({ sourcePort: 40000, destinationPort: 6080 }), gue(), ...inner],
    ],
  ])('%s', (name, expected, fields, layers) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.pcapng`);
    const bytes = buildPacket([ethernet(), ...layers]);
    writeCapture(path, {
      interfaces: [{ name: 'client', snaplen: 65535 }],
      frames: [
        { timeNs: 0n, interface: 0, direction: undefined, bytes, originalLength: bytes.length, comment: undefined },
      ],
    });
    const options = [
      '-o',
      'sctp.checksum:CRC 32c',
      '-o',
      'udp.check_checksum:TRUE',
      '-T',
      'fields',
      '-E',
      'separator=|',
    ];
    expect(tshark('-r', path, ...options, ...fields.flatMap((field) => ['-e', field]))?.trim()).toBe(expected);
  });
});
