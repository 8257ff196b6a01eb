import type { Case } from '../../harness/case.ts';
import { buildPacket } from '../../../reference/wire/packet.ts';
import { ethernet, ip, payload, tcp } from '../../harness/layers.ts';
import { frameAround } from './raw-packet.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

const syn = { sourcePort: 40001, destinationPort: 80, flags: 'S' };
const ETHERNET_HEADER = 14;
/** Without check sequence (IEEE 802.3 §3.2.8). */
const SMALLEST_FRAME = 60;

export const cases: readonly Case[] = [
  {
    id: 'headers/ethernet-padding',
    title: 'Padding of a short frame is not taken for data',
    requirement:
      'Padding is no part of the IP packet: a packet of 40 bytes in a frame of 60 is forwarded with its 40 bytes and no others.',
    source: ['RFC 894', 'RFC 1812 §5.2.2', 'ipvs-cases A33'],
    level: 'core',
    tags: ['nat', 'ethernet'],
    needs: [],
    rules,
    async script(lab) {
      const {
        client,
        director,
        servers: [server],
        vip,
      } = lab;
      const packet = buildPacket([ip({ source: client.address, destination: vip }), tcp(syn)]);
      const padded = new Uint8Array(packet.length + 20).fill(0xaa);
      padded.set(packet);
      await client.sends(...frameAround(director.client, padded));
      const { bytes } = server.receives(
        ip({ destination: server.address, totalLength: 40 }),
        tcp({ ...syn, destinationPort: 8080, sequence: 1000 }),
      );
      // The director may pad the frame anew, with bytes of its own.
      lab.equal(
        'bytes 0xaa of the padding',
        bytes.subarray(ETHERNET_HEADER + 40).filter((byte) => byte === 0xaa).length,
        0,
      );
      lab.within('bytes of the frame', bytes.length, ETHERNET_HEADER + 40, SMALLEST_FRAME);
    },
  },
  {
    id: 'headers/ethernet-trailer',
    title: 'What stands behind the packet in its frame is cut off',
    requirement: 'The total length says where the packet ends; more bytes of the frame are not forwarded.',
    source: ['RFC 1812 §5.2.2', 'RFC 894'],
    level: 'core',
    tags: ['nat', 'ethernet'],
    needs: [],
    rules,
    async script(lab) {
      const {
        client,
        director,
        servers: [server],
        vip,
      } = lab;
      const text = 'data of the segment, long enough';
      const packet = buildPacket([ip({ source: client.address, destination: vip }), tcp(syn), payload(text)]);
      const longer = new Uint8Array(packet.length + 9).fill(0xaa);
      longer.set(packet);
      await client.sends(...frameAround(director.client, longer));
      const { bytes } = server.receives(
        ip({ destination: server.address, totalLength: packet.length }),
        tcp({ ...syn, destinationPort: 8080 }),
        payload(text),
      );
      lab.equal('bytes of the frame', bytes.length, ETHERNET_HEADER + packet.length);
    },
  },
  ...[
    {
      name: 'broadcast-frame',
      mac: 'ff:ff:ff:ff:ff:ff',
      title: 'A request in a broadcast frame is not forwarded',
      requirement: 'A router must not forward a packet that it received as a link layer broadcast.',
      source: ['RFC 1812 §5.3.4', 'ipvs-cases A34'],
    },
    {
      name: 'multicast-frame',
      mac: '01:00:5e:00:00:64',
      title: 'A request in a multicast frame is not forwarded',
      requirement:
        'A router must not forward a packet that it received as a link layer multicast, unless it is for a multicast address.',
      source: ['RFC 1812 §5.3.4'],
    },
    {
      name: 'frame-for-another',
      mac: '02:00:00:00:00:99',
      title: "A request in a frame for another host's MAC address is not forwarded",
      requirement: 'A frame to another unicast MAC address is for somebody else, even where the director sees it.',
      source: ['RFC 1812 §5.2.1', 'RFC 894'],
    },
  ].map(({ name, mac, title, requirement, source }): Case => ({
    id: `headers/${name}`,
    title,
    requirement,
    source,
    level: 'core',
    tags: ['ethernet'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.clientSends('S');
      await client.sends(ethernet({ destination: mac }), ip({ destination: vip }), tcp({ ...syn, sourcePort: 40002 }));
      await client.sends(ethernet({ destination: mac }), ip({ destination: vip }), tcp({ ...syn, flags: 'A' }));
      lab.nothingElse();
      await flow.clientSends('S');
    },
  })),
];
