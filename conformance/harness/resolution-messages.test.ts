import { describe, expect, test } from 'vitest';
import { formatMac } from '../../reference/wire/address.ts';
import { arp, ethernet, icmp6, ip6, neighbour, tcp } from '../../reference/wire/layer.ts';
import { buildPacket, describePacket, dissect } from '../../reference/wire/packet.ts';
import { isAddressResolution } from '../captures/address-resolution.ts';
import { answerTo, questionFor, resolutionMessage } from './resolution-messages.ts';

const CLIENT = { mac: '02:00:00:00:00:c2', address: '10.0.0.2', address6: '2001:db8:0:1::2' };
const MAC = '02:00:00:00:00:c1';

describe.each([
  ['ARP', '10.0.0.100', CLIENT.address, 'ff:ff:ff:ff:ff:ff'],
  ['neighbour discovery', '2001:db8:0:1::100', CLIENT.address6, '33:33:ff:00:01:00'],
])('a question of %s', (_name, wanted, asker, destination) => {
  const question = buildPacket(questionFor(wanted, CLIENT));

  test('goes to those who might have the address, and says who asks', () => {
    expect(dissect(question)[0]?.layer).toMatchObject({ destination, source: CLIENT.mac });
    expect(isAddressResolution(question)).toBe(true);
    expect(resolutionMessage(question)).toEqual({
      isQuestion: true,
      to: wanted,
      from: { address: asker, mac: CLIENT.mac },
    });
  });

  test('is answered to the asker alone, who learns the MAC address', () => {
    const message = resolutionMessage(question);
    if (message === undefined) throw new Error('it is a question');
    const answer = buildPacket(answerTo(message, MAC));
    expect(dissect(answer)[0]?.layer).toMatchObject({ destination: CLIENT.mac, source: MAC });
    expect(isAddressResolution(answer)).toBe(true);
    expect(resolutionMessage(answer)).toMatchObject({ isQuestion: false, from: { address: wanted, mac: MAC } });
  });
});

describe('neighbour discovery', () => {
  const solicitation = ip6({ source: '::', destination: 'ff02::1:ff00:100', hopLimit: 255 });

  test('of a host without address is answered to all (RFC 4861 §7.2.4)', () => {
    const question = buildPacket([
      ethernet({ source: CLIENT.mac }),
      solicitation,
      icmp6({ type: 135 }),
      neighbour({ target: '2001:db8:0:1::100' }),
    ]);
    const message = resolutionMessage(question);
    expect(message).toEqual({ isQuestion: true, to: '2001:db8:0:1::100', from: undefined });
    if (message === undefined) throw new Error('it is a question');
    expect(describePacket(dissect(buildPacket(answerTo(message, MAC))))).toBe(
      `icmp6 136/0 neighbour advertisement override 2001:db8:0:1::100 > ff02::1 hlim 255 target 2001:db8:0:1::100 target-link ${MAC}`,
    );
  });

  test('is no packet that a case must ask for; what came over a router is, and so is all else', () => {
    const frame = (...layers: Parameters<typeof buildPacket>[0]) =>
      buildPacket([ethernet({ destination: MAC }), ...layers]);
    expect(isAddressResolution(frame(solicitation, icmp6({ type: 133 })))).toBe(true);
    expect(isAddressResolution(frame(solicitation, icmp6({ type: 128 })))).toBe(false);
    expect(isAddressResolution(frame(solicitation, icmp6({ type: 137 })))).toBe(false);
    expect(isAddressResolution(frame(ip6({ hopLimit: 254 }), icmp6({ type: 135 })))).toBe(false);
    expect(isAddressResolution(frame(solicitation, tcp()))).toBe(false);
    expect(isAddressResolution(frame(arp()))).toBe(true);
    for (let cut = 0; cut < 54; cut++)
      expect(isAddressResolution(frame(solicitation, icmp6()).subarray(0, cut))).toBe(false);
  });

  test('of multicast listeners is none either', () => {
    expect(isAddressResolution(buildPacket([ethernet({ destination: formatMac(0x3333_0000_0016) }), ip6()]))).toBe(
      true,
    );
  });
});
