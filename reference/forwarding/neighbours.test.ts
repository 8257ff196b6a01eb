import { describe, expect, test } from 'vitest';
import { CLIENT, CLIENT_SIDE, DirectorLab, macOf, SERVER_SIDE, VIP, type Sent } from '../testing/director-lab.ts';
import { buildPacket } from '../wire/build-packet.ts';
import { arp, ethernet, ip, payload, udp, type ArpFields, type Layer } from '../wire/layer.ts';

const STRANGER = '192.168.1.77';
const DIRECTOR_MAC = '02:00:00:00:00:51';

const arpFrame = (fields: ArpFields, destination = 'ff:ff:ff:ff:ff:ff') =>
  buildPacket([ethernet({ destination, source: fields.senderMac ?? '' }), arp(fields)]);
const layersOf = (sent: readonly Sent[]): (readonly Layer[])[] => sent.map(({ layers }) => layers);

/** A datagram for a host on the servers' wire. */
const knock = (lab: DirectorLab, id: number, destination = STRANGER) =>
  lab.fromClient(ip({ source: CLIENT, destination, id }), udp({ sourcePort: 5, destinationPort: 6 }), payload('x'));
const answer = (lab: DirectorLab, mac = macOf(STRANGER)) =>
  lab.receive(
    SERVER_SIDE,
    arpFrame(
      { operation: 2, senderMac: mac, senderAddress: STRANGER, targetMac: DIRECTOR_MAC, targetAddress: '192.168.1.1' },
      DIRECTOR_MAC,
    ),
  );

const question = [
  { destination: 'ff:ff:ff:ff:ff:ff', source: DIRECTOR_MAC },
  { operation: 1, senderMac: DIRECTOR_MAC, senderAddress: '192.168.1.1', targetAddress: STRANGER },
];

describe('the director asks for a MAC (RFC 826)', () => {
  test('once, and sends what waits in its order when the answer comes', () => {
    const lab = new DirectorLab();
    expect(layersOf(knock(lab, 1))).toMatchObject([question]);
    expect(knock(lab, 2)).toEqual([]);
    expect(knock(lab, 3)).toEqual([]);
    expect(layersOf(answer(lab)).map(([, datagram]) => datagram)).toMatchObject([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(layersOf(knock(lab, 4))).toMatchObject([[{ destination: macOf(STRANGER) }, { id: 4 }, {}, {}]]);
  });

  test('three times, a second apart; then every sender hears that the host is unreachable', () => {
    const lab = new DirectorLab();
    expect(knock(lab, 1)).toHaveLength(1);
    knock(lab, 2);
    expect(layersOf(lab.advance(0.999))).toEqual([]);
    expect(layersOf(lab.advance(0.001))).toMatchObject([question]);
    expect(layersOf(lab.advance(1))).toMatchObject([question]);
    expect(layersOf(lab.advance(1))).toMatchObject(
      [1, 2].map((id) => [{}, { source: '10.0.0.1', destination: CLIENT }, { type: 3, code: 1 }, { id }, {}, {}]),
    );
    expect(lab.advance(10)).toEqual([]);
    // It is not given up for ever.
    expect(layersOf(knock(lab, 3))).toMatchObject([question]);
  });

  test('an answer in time, to the third question, is in time', () => {
    const lab = new DirectorLab();
    knock(lab, 1);
    lab.advance(2.9);
    expect(layersOf(answer(lab))).toMatchObject([[{}, { id: 1 }, {}, {}]]);
    expect(lab.advance(10)).toEqual([]);
  });

  test('no more than 64 packets wait: the oldest give way', () => {
    const lab = new DirectorLab();
    for (let id = 1; id <= 70; id++) knock(lab, id);
    expect(layersOf(answer(lab)).map(([, datagram]) => datagram)).toMatchObject(
      Array.from({ length: 64 }, (_, index) => ({ id: index + 7 })),
    );
  });

  test('not for the broadcast address of a reply’s network', () => {
    const lab = new DirectorLab();
    const sent = lab.fromClient(
      ip({ source: '10.0.0.255', destination: VIP }),
      udp({ sourcePort: 5, destinationPort: 6 }),
    );
    expect(layersOf(sent)).toMatchObject([
      [{ destination: 'ff:ff:ff:ff:ff:ff' }, { destination: '10.0.0.255' }, {}, {}, {}],
    ]);
  });

  test('of no more than 1024 hosts at once, and forgets none that it knows for the sake of those', () => {
    const lab = new DirectorLab({
      environment: { ports: [{ name: 'a', mac: DIRECTOR_MAC, addresses: ['10.0.0.1/8'], mtu: 1500 }], routes: [] },
    });
    const asked = Array.from({ length: 3000 }, (_, index) =>
      lab.receive(
        0,
        buildPacket([
          ethernet({ destination: DIRECTOR_MAC }),
          ip({ source: CLIENT, destination: `10.1.${index >> 8}.${index & 255}` }),
          udp(),
        ]),
      ),
    ).flat();
    expect(asked).toHaveLength(1024);
    const known = lab.receive(
      0,
      buildPacket([ethernet({ destination: DIRECTOR_MAC }), ip({ source: '10.0.0.3', destination: CLIENT }), udp()]),
    );
    expect(layersOf(known)).toMatchObject([[{ destination: macOf(CLIENT) }, {}, {}]]);
  });
});

describe('the director answers who asks', () => {
  const ask = (lab: DirectorLab, targetAddress: string, senderAddress = '10.0.0.9', port = CLIENT_SIDE) =>
    lab.receive(port, arpFrame({ operation: 1, senderMac: '02:00:00:00:00:09', senderAddress, targetAddress }));

  test.each(['10.0.0.1', VIP, '192.168.1.1'])('for %s, an address of its own, on whatever wire', (target) => {
    const lab = new DirectorLab();
    expect(layersOf(ask(lab, target))).toMatchObject([
      [
        { destination: '02:00:00:00:00:09', source: '02:00:00:00:00:c1' },
        {
          operation: 2,
          senderMac: '02:00:00:00:00:c1',
          senderAddress: target,
          targetMac: '02:00:00:00:00:09',
          targetAddress: '10.0.0.9',
        },
      ],
    ]);
  });

  test.each(['10.0.0.2', '10.0.0.77', '127.0.0.1', '0.0.0.0'])('not for %s', (target) => {
    expect(ask(new DirectorLab(), target)).toEqual([]);
  });

  test('and knows him from then on', () => {
    const lab = new DirectorLab();
    ask(lab, '10.0.0.1');
    const sent = lab.fromServers(ip({ source: '192.168.1.11', destination: '10.0.0.9' }), udp());
    expect(layersOf(sent)).toMatchObject([[{ destination: '02:00:00:00:00:09' }, {}, {}]]);
  });

  test('also one who has no address yet and looks whether it is taken (RFC 5227 §2.1.1)', () => {
    const lab = new DirectorLab();
    expect(layersOf(ask(lab, VIP, '0.0.0.0'))).toMatchObject([[{}, { operation: 2, targetAddress: '0.0.0.0' }]]);
  });

  test('not one who claims an address of the director’s', () => {
    expect(ask(new DirectorLab(), '10.0.0.1', VIP)).toEqual([]);
  });
});

describe('unasked news', () => {
  test('of a host that matters is believed: its MAC changed', () => {
    const lab = new DirectorLab();
    knock(lab, 1);
    answer(lab);
    answer(lab, '02:00:00:00:00:77');
    expect(layersOf(knock(lab, 2))).toMatchObject([[{ destination: '02:00:00:00:00:77' }, {}, {}, {}]]);
  });

  test('of a host that nobody asked for is not (arp_accept 0)', () => {
    const lab = new DirectorLab();
    answer(lab);
    expect(layersOf(knock(lab, 1))).toMatchObject([question]);
  });
});
