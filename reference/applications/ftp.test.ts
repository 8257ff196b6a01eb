import { describe, expect, test } from 'vitest';
import { linuxProfile } from '../linux-profile.ts';
import { PROFILES } from '../profile.ts';
import { CLIENT, CLIENT_SIDE, DirectorLab, SERVERS, VIP, type Sent } from '../testing/director-lab.ts';
import { layerOf, wrongChecksums } from '../testing/packets.ts';
import { fromHex } from '../wire/hex.ts';
import { ip, ip6, payload, tcp, type TcpFields } from '../wire/layer.ts';

const [RS1] = SERVERS;
const REPLY = '227 Entering Passive Mode (192,168,1,11,200,10).\r\n';

/** A control connection from the client's port 40001 whose three-way handshake is done: 1001 and 5001 come next. */
class Session {
  readonly lab: DirectorLab;

  constructor({ method = '-m', serverPort = 21, profile = PROFILES.linux } = {}) {
    const rules = ['-A -t 10.0.0.100:21 -s rr', `-a -t 10.0.0.100:21 -r 192.168.1.11:${serverPort} ${method}`];
    this.lab = new DirectorLab({ rules, profile });
    this.#serverPort = serverPort;
    this.client('S', '', 1000, 0);
    this.server('AS', '', 5000, 1001);
    this.client('A', '', 1001, 5001);
  }

  readonly #serverPort: number;

  client(flags: string, text: string, sequence: number, acknowledgement: number, fields: TcpFields = {}): Sent[] {
    return this.lab.fromClient(
      ip({ source: CLIENT, destination: VIP }),
      tcp({ sourcePort: 40001, destinationPort: 21, flags, sequence, acknowledgement, ...fields }),
      payload(text),
    );
  }

  server(flags: string, text: string, sequence: number, acknowledgement: number, fields: TcpFields = {}): Sent[] {
    return this.lab.fromServers(
      ip({ source: RS1, destination: CLIENT }),
      tcp({ sourcePort: this.#serverPort, destinationPort: 40001, flags, sequence, acknowledgement, ...fields }),
      payload(text),
    );
  }

  /** The client's command, and the server's answer to it as the client gets it. */
  exchange(command: string, answer: string): Sent[] {
    this.client('AP', command, 1001, 5001);
    return this.server('AP', answer, 5001, 1001 + command.length);
  }

  /** Connections but the control connection. */
  data(): string[] {
    return this.lab.connections().filter((line) => !line.startsWith('TCP 0A000002 9C41 0A000064 0015 '));
  }
}

/** The text of the only segment. */
function textOf(sent: readonly Sent[]): string {
  expect(sent.map(({ frame }) => wrongChecksums(frame.subarray(14)))).toEqual([[]]);
  const bytes = fromHex(layerOf(sent[0]?.layers ?? [], 'payload').data ?? '', 'payload');
  return String.fromCharCode(...bytes);
}
const segment = (sent: readonly Sent[]) => layerOf(sent[0]?.layers ?? [], 'tcp');
const datagram = (sent: readonly Sent[]) => layerOf(sent[0]?.layers ?? [], 'ip');

describe('passive mode', () => {
  test('the reply names the virtual address, and its connection is expected (ipvs-cases H01)', () => {
    const session = new Session();
    const reply = session.exchange('PASV\r\n', REPLY);
    expect(textOf(reply)).toBe('227 Entering Passive Mode (10,0,0,100,200,10).\r\n');
    expect(datagram(reply).totalLength).toBe(88);
    expect(session.data()).toEqual(['TCP 0A000002 0000 0A000064 C80A C0A8010B C80A LISTEN 120']);
  });

  test('RFC 959’s reply with an address that gets longer: observed with the Linux helper', () => {
    const lab = new DirectorLab({
      rules: ['-A -t 203.0.113.10:21 -s rr', '-a -t 203.0.113.10:21 -r 192.168.1.11:21 -m'],
      environment: { virtualAddresses: ['203.0.113.10'] },
    });
    const client = (flags: string, text: string) =>
      lab.fromClient(
        ip({ source: CLIENT, destination: '203.0.113.10' }),
        tcp({ sourcePort: 40001, destinationPort: 21, flags }),
        payload(text),
      );
    const server = (flags: string, text: string) =>
      lab.fromServers(
        ip({ source: RS1, destination: CLIENT }),
        tcp({ sourcePort: 21, destinationPort: 40001, flags }),
        payload(text),
      );
    client('S', '');
    server('AS', '');
    client('A', '');
    client('AP', 'PASV\r\n');
    const reply = server('AP', '227 Entering Passive Mode (10,0,0,2,195,80)\r\n');
    expect(textOf(reply)).toBe('227 Entering Passive Mode (203,0,113,10,195,80)\r\n');
    expect(datagram(reply).totalLength).toBe(40 + 49);
  });

  test('afterwards each end counts its own bytes (ipvs-cases H02, H03)', () => {
    const session = new Session();
    session.exchange('PASV\r\n', REPLY);
    expect(segment(session.client('A', '', 1007, 5049))).toMatchObject({ sequence: 1007, acknowledgement: 5051 });
    expect(segment(session.server('AP', 'more', 5051, 1007))).toMatchObject({ sequence: 5049, acknowledgement: 1007 });
  });

  test('selective acknowledgements are counted back too', () => {
    const session = new Session();
    session.exchange('PASV\r\n', REPLY);
    // 5149 to 5249 as the client counts are 5151 to 5251 of the server’s bytes.
    const sent = session.client('A', '', 1007, 5049, { options: '0101050a0000141d00001481' });
    expect(segment(sent).options).toBe('0101050a0000141f00001483');
    expect(sent.map(({ frame }) => wrongChecksums(frame.subarray(14)))).toEqual([[]]);
  });

  test('the client’s first packet tells the port that nobody knew (ipvs-cases H05)', () => {
    const session = new Session();
    session.exchange('PASV\r\n', REPLY);
    const open = (from: number) =>
      session.lab.fromClient(
        ip({ source: CLIENT, destination: VIP }),
        tcp({ sourcePort: from, destinationPort: 51210, flags: 'S' }),
      );
    expect(datagram(open(40500)).destination).toBe(RS1);
    expect(session.data()).toEqual(['TCP 0A000002 9E34 0A000064 C80A C0A8010B C80A SYN_RECV 60']);
    // Only one was expected: the next is nobody's.
    expect(segment(open(40501)).flags).toBe('AR');
  });

  test('extended: the port is expected, the text stays (ipvs-cases H06)', () => {
    const session = new Session();
    const text = '229 Entering Extended Passive Mode (|||51300|)\r\n';
    expect(textOf(session.exchange('EPSV\r\n', text))).toBe(text);
    expect(session.data()).toEqual(['TCP 0A000002 0000 0A000064 C864 C0A8010B C864 LISTEN 120']);
  });

  test('extended: an address that is named is left out (ipvs-cases H07)', () => {
    const session = new Session();
    expect(textOf(session.exchange('EPSV 1\r\n', '229 x (|1|192.168.1.11|51300|)\r\n'))).toBe('229 x (|||51300|)\r\n');
    expect(segment(session.server('AP', 'more', 5033, 1009)).sequence).toBe(5033 - 13);
  });

  test.each([
    ['ipvs-cases H12', 'EPSV ALL\r\n', '229 x (|||51300|)\r\n'],
    ['ipvs-cases H14', 'PASV\n', REPLY],
    ['ipvs-cases H15', 'PASV\r\n', REPLY.slice(0, 30)],
    ['not asked for', 'NOOP\r\n', REPLY],
    ['asked for in the other mode', 'EPSV\r\n', REPLY],
  ])('nothing is translated or expected: %s', (_what, command, answer) => {
    const session = new Session();
    expect(textOf(session.exchange(command, answer))).toBe(answer);
    expect(session.data()).toEqual([]);
  });

  test('a connection that is expected already is expected anew, and not twice', () => {
    const session = new Session();
    session.exchange('PASV\r\n', REPLY);
    session.lab.advance(100);
    session.client('AP', 'PASV\r\n', 1007, 5049);
    session.server('AP', REPLY, 5051, 1013);
    expect(session.data()).toEqual(['TCP 0A000002 0000 0A000064 C80A C0A8010B C80A LISTEN 120']);
  });
});

describe('active mode', () => {
  test('the server is expected from the port below its own; the client’s text stays (ipvs-cases H08, H10)', () => {
    const session = new Session();
    expect(textOf(session.client('AP', 'PORT 10,0,0,2,160,5\r\n', 1001, 5001))).toBe('PORT 10,0,0,2,160,5\r\n');
    session.client('AP', 'EPRT |1|10.0.0.2|41000|\r\n', 1022, 5001);
    expect(session.data()).toEqual([
      'TCP 0A000002 A005 0A000064 0014 C0A8010B 0014 LISTEN 120',
      'TCP 0A000002 A028 0A000064 0014 C0A8010B 0014 LISTEN 120',
    ]);
  });

  test('a service on another port has its data port below that: 2120 for 2121', () => {
    const session = new Session({ serverPort: 2121 });
    session.client('AP', 'PORT 10,0,0,2,160,5\r\n', 1001, 5001);
    expect(session.data()).toEqual(['TCP 0A000002 A005 0A000064 0014 C0A8010B 0848 LISTEN 120']);
  });

  test('the server’s connection comes from the virtual address, port 20 (ipvs-cases H09)', () => {
    const session = new Session();
    session.client('AP', 'PORT 10,0,0,2,160,5\r\n', 1001, 5001);
    const fromServer = (flags: string) =>
      session.lab.fromServers(
        ip({ source: RS1, destination: CLIENT }),
        tcp({ sourcePort: 20, destinationPort: 40965, flags }),
      );
    const fromClient = (flags: string) =>
      session.lab.fromClient(
        ip({ source: CLIENT, destination: VIP }),
        tcp({ sourcePort: 40965, destinationPort: 20, flags }),
      );
    const states = [() => fromServer('S'), () => fromClient('AS'), () => fromServer('A')].map((step) => {
      const [sent] = step();
      const { source, destination } = layerOf(sent?.layers ?? [], 'ip');
      return [source, destination, session.data()[0]?.split(' ')[7]];
    });
    expect(states).toEqual([
      [VIP, CLIENT, 'LISTEN'],
      [CLIENT, RS1, 'SYN_RECV'],
      [VIP, CLIENT, 'ESTABLISHED'],
    ]);
  });
});

describe('the control connection', () => {
  test('a segment with a wrong checksum is dropped, in either direction (ipvs-cases H16)', () => {
    const session = new Session();
    expect(session.client('AP', 'NOOP\r\n', 1001, 5001, { checksum: 1 })).toEqual([]);
    expect(session.server('AP', '200\r\n', 5001, 1007, { checksum: 1 })).toEqual([]);
  });

  test('lives while connections hang on it: another minute each time it would end (ip_vs_conn.c:ip_vs_conn_expire)', () => {
    const session = new Session();
    session.exchange('PASV\r\n', REPLY);
    session.client('A', '', 1007, 5049);
    session.client('AR', '', 1007, 5049);
    expect(session.lab.states().sort()).toEqual(['CLOSE/10', 'LISTEN/120']);
    session.lab.advance(11);
    expect(session.lab.states().sort()).toEqual(['CLOSE/59', 'LISTEN/109']);
    session.lab.advance(110);
    expect(session.lab.states()).toEqual(['CLOSE/9']);
    session.lab.advance(10);
    expect(session.lab.states()).toEqual([]);
  });

  test.each(['-g', '-i'])('is nobody’s affair without translation: %s (ipvs-cases H18)', (method) => {
    const session = new Session({ method });
    session.client('AP', 'PASV\r\n', 1001, 5001);
    session.client('AP', 'PORT 10,0,0,2,160,5\r\n', 1007, 5001);
    expect(session.data()).toEqual([]);
  });

  test('a segment whose header length is none passes as it is', () => {
    const session = new Session();
    const sent = session.client('AP', 'PORT 10,0,0,2,160,5\r\n', 1001, 5001, { headerLength: 4 });
    expect(sent).toHaveLength(1);
    expect(session.data()).toEqual([]);
  });
});

describe('a reply that comes again', () => {
  const again = (profile: (typeof PROFILES)[keyof typeof PROFILES]) => {
    const session = new Session({ profile });
    session.exchange('PASV\r\n', REPLY);
    return session.server('AP', REPLY, 5001, 1007);
  };

  test('leaks the server’s address from the kernel (ipvs-cases H04)', () => {
    expect(textOf(again(PROFILES.linux))).toBe(REPLY);
    expect(segment(again(PROFILES.linux)).sequence).toBe(5001);
  });

  test('is translated like the first in profile paper: a client may have lost that (paper P18)', () => {
    expect(textOf(again(PROFILES.paper))).toBe('227 Entering Passive Mode (10,0,0,100,200,10).\r\n');
    expect(segment(again(PROFILES.paper)).sequence).toBe(5001);
  });
});

describe('over IPv6', () => {
  test.each([
    ['6.1.176', '1', 0],
    ['6.1.176', '0', 1],
    ['6.1.183', '1', 1],
    ['6.1.183', '0', 1],
  ])('Linux %s with nf_conntrack_checksum %s: %i of one segment arrive', (release, checksum, arrived) => {
    const lab = new DirectorLab({
      profile: linuxProfile(release),
      environment: {
        neighbours: 'derived',
        virtualAddresses: ['2001:db8:0:1::100'],
        sysctls: { 'netfilter.nf_conntrack_checksum': checksum },
      },
      rules: ['-A -t [2001:db8:0:1::100]:21 -s rr', '-a -t [2001:db8:0:1::100]:21 -r [2001:db8:0:2::11]:21 -m'],
    });
    const sent = lab.send(
      CLIENT_SIDE,
      ip6({ source: '2001:db8:0:1::2', destination: '2001:db8:0:1::100' }),
      tcp({ sourcePort: 40001, destinationPort: 21, flags: 'S' }),
    );
    expect(sent.map(({ layers }) => layerOf(layers, 'ip6').destination)).toEqual(
      Array.from({ length: arrived }, () => '2001:db8:0:2::11'),
    );
  });
});
