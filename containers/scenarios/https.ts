import { SERVICE_NAME } from '../services/certificate.ts';
import { contentHash } from '../services/content.ts';
import { clientCommand } from './client-command.ts';
import { CURL, download, serversAsked } from './curl.ts';
import { inTurn } from './distribution.ts';
import type { Scenario } from './scenario.ts';
import { virtualService } from './virtual-service.ts';

const CERTIFICATE = '/srv/content/tls/certificate.pem';
const URL = `https://${SERVICE_NAME}`;

/** curl's status where the certificate is not one for the server that it wants. */
const UNTRUSTED = 60;

/** HTTPS passed through: the director sees nothing of it, the certificate is the servers'. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'https',
    title: 'Encrypted connections go to the servers in turn, and end at them',
    requirement:
      'What is balanced is the connection: the client meets the certificate of the servers, and what both say arrives unchanged.',
    source: ['paper P3, P4'],
    level: 'core',
    tags: ['https', 'content'],
    needs: ['scheduler.rr'],
    rules: (lab) => virtualService(lab, { port: 443, scheduler: 'rr' }),
    async script(lab, judge) {
      const [client, other] = lab.clients;
      const trusting = `--resolve '*:443:${lab.vip}' --cacert ${CERTIFICATE}`;
      const { status } = await client.run(`${CURL} ${trusting} 'https://other.test/whoami'`);
      judge.equal('status of curl that asks for another name', UNTRUSTED, status);
      const names = await serversAsked(client, URL, 6, trusting);
      judge.holds('servers that answered', 'the three in turn', names, inTurn(names, 3));
      const [answer] = await download(other, [`${URL}/1m.bin`], trusting);
      judge.equal('sha256 of 1m.bin', contentHash('1m.bin'), answer?.hash);
    },
  },
  {
    name: 'https-resumption',
    title: 'With persistence a client can resume its TLS session, as its server knows it',
    requirement:
      'Servers have state for their clients, so all connections of a client can be kept on one server; without that, the next server does not know the session.',
    source: ['ipvsadm(8) -p', 'RFC 5246 §7.3'],
    level: 'core',
    tags: ['https', 'persistence'],
    needs: ['scheduler.rr', 'persistence'],
    rules: (lab) =>
      [
        virtualService(lab, { port: 443, scheduler: 'rr', options: '-p 60' }),
        virtualService(lab, { port: 8443, scheduler: 'rr' }),
      ].join('\n'),
    async script(lab, judge) {
      const resume = async (port: number): Promise<readonly string[]> => {
        const connect = `openssl s_client -connect ${lab.vip}:${port} -servername ${SERVICE_NAME} -CAfile ${CERTIFICATE}`;
        // It connects, and five times again with the session that it has then.
        const again = '-verify_return_error -tls1_2 -reconnect </dev/null 2>&1';
        const said = await clientCommand(lab.clients[0], `${connect} ${again}`);
        return [...said.matchAll(/^(New|Reused), /gm)].map(([, kind = '']) => kind);
      };
      judge.equal('sessions on the persistent service', ['New', ...Array<string>(5).fill('Reused')], await resume(443));
      judge.equal('sessions on the other', Array(6).fill('New'), await resume(8443));
    },
  },
];
