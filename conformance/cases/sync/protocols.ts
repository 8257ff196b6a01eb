import { SCTP_STATE } from '../../../reference/connections/sctp-states.ts';
import type { SyncEntry } from '../../../reference/synchronisation/sync-entry.ts';
import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { Association } from '../sctp/association.ts';
import { STATES } from '../sctp/tables.ts';
import { entry, FLAGS, isTold, message, tell } from './messages.ts';

const services = `
  -A --sctp-service 10.0.0.100:90 -s rr
  -a --sctp-service 10.0.0.100:90 -r 192.168.1.11:90 -m
`;
const backup = `${services}  --start-daemon backup --mcast-interface server --syncid 3\n`;
const master = `${services}  --start-daemon master --mcast-interface server --syncid 3\n`;

/** Seconds after which a message has left for sure. */
const SENT = 3;

const IPSEC = [50, 51] as const;

/** An association of the client's port 40001 with changes. */
function association(changes: Partial<SyncEntry> = {}): SyncEntry {
  return entry({
    protocol: 132,
    virtualPort: 90,
    destinationPort: 90,
    state: SCTP_STATE.ESTABLISHED,
    ...changes,
  });
}

/** A connection of AH or ESP, with the ports of its key exchange: one from port 0 would be found again by nothing. */
function ofIpsec(protocol: number, changes: Partial<SyncEntry> = {}): SyncEntry {
  return entry({ protocol, clientPort: 500, virtualPort: 500, destinationPort: 500, state: 0, ...changes });
}

/** The connections: protocol, the client's port, state. */
async function known(lab: Lab): Promise<readonly string[]> {
  const rows = await lab.connections();
  return rows.map(({ protocol, client, state }) => `${protocol} ${client.split(':')[1] ?? ''} ${state}`);
}

export const cases: readonly Case[] = [
  {
    id: 'sync/sctp-taken',
    title: 'A backup keeps SCTP associations in each of their fourteen states, and goes on with them',
    requirement:
      'An association is listed in the state that was told; a fifteenth state is none, so that its entry is left out. In version 0 the timeout is that of the state here.',
    source: ['ip_vs_sync.c:ip_vs_proc_conn', 'ip_vs_proto_sctp.c:num_states', 'ip_vs_proto_sctp.c:sctp_timeouts'],
    level: 'ipvs',
    tags: ['sync', 'backup', 'sctp'],
    needs: ['connections'],
    rules: backup,
    async script(lab) {
      const told = [...STATES.keys(), STATES.length].map((state) =>
        association({ clientPort: 41000 + state, state, timeout: 0 }),
      );
      await tell(lab, message(told, { version: 0 }));
      const rows = await lab.connections();
      for (const [index, { name, timeout }] of STATES.entries()) {
        const row = rows.find(({ client }) => client === `${lab.client.address}:${41000 + index}`);
        lab.equal(`state told as ${index}`, row?.state, name);
        lab.within(`seconds left in ${name}`, row?.expires ?? -1, timeout - 2, timeout);
      }
      lab.equal('associations', rows.length, STATES.length);
      await new Association(lab, { port: 41000 + SCTP_STATE.ESTABLISHED }).clientSends('SHUTDOWN');
      await new Association(lab, { port: 41000 + SCTP_STATE.CLOSED }).serverSends('DATA');
    },
  },
  {
    id: 'sync/ah-esp-taken',
    title: 'A backup keeps connections of AH and ESP, which have one state and no name for it',
    requirement:
      'An entry of AH or ESP is kept, listed by the protocol’s number and in the state ERR!, for the time told and in version 0 for three minutes. A second state is none.',
    source: ['ip_vs_proto_ah_esp.c:num_states', 'ip_vs_proto.c:ip_vs_state_name', 'ip_vs_core.c:ip_vs_proto_name'],
    level: 'ipvs',
    tags: ['sync', 'backup', 'ah-esp'],
    needs: ['ah-esp', 'connections'],
    rules: backup,
    async script(lab) {
      await tell(lab, message(IPSEC.map((protocol) => ofIpsec(protocol, { timeout: 500 }))));
      const odd = IPSEC.map((protocol) => ofIpsec(protocol, { clientPort: 1, state: 1 }));
      await tell(lab, message(odd));
      lab.equal('connections', [...(await known(lab))].sort(), ['IP_50 500 ERR!', 'IP_51 500 ERR!']);
      for (const { expires } of await lab.connections()) lab.within('seconds left', expires, 498, 500);
      await tell(
        lab,
        message(
          IPSEC.map((protocol) => ofIpsec(protocol)),
          { version: 0 },
        ),
      );
      lab.equal('connections told again', (await known(lab)).length, IPSEC.length);
      for (const { expires } of await lab.connections()) lab.within('seconds left of version 0', expires, 178, 180);
    },
  },
  {
    id: 'sync/sctp-told',
    title: 'The master tells associations that are established or coming to their end, none that only begins',
    requirement:
      'The client’s third packet has an established association told, and its SHUTDOWN, or any other packet that leads to the end, has it told at once. Through the handshake it is not told, whatever the count.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed'],
    level: 'ipvs',
    tags: ['sync', 'master', 'sctp'],
    needs: ['clock'],
    rules: master,
    async script(lab) {
      const begun = new Association(lab, { port: 40002 });
      for (let time = 0; time < 3; time++) await begun.clientSends('INIT');
      const whole = new Association(lab);
      await whole.establish();
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await whole.clientSends('DATA');
      await lab.wait(SENT);
      isTold(lab, message([association()]));
      await whole.clientSends('SHUTDOWN');
      await lab.wait(SENT);
      const ending = { flags: FLAGS.inactive, timeout: 61 };
      isTold(lab, message([association({ ...ending, state: SCTP_STATE['S-RECEIVED'] })]));
      await whole.serverSends('SHUTDOWN_ACK');
      await whole.clientSends('SHUTDOWN_COMPLETE');
      await lab.wait(SENT);
      isTold(lab, message([association({ ...ending, state: SCTP_STATE.CLOSED })]));
    },
  },
  {
    id: 'sync/sctp-shutdown-told',
    title: 'The master tells associations that the server ends',
    requirement:
      'A packet of the client’s that finds the association in another state than was told, S-SENT or S-ACK-SENT, has it told.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed'],
    level: 'ipvs',
    tags: ['sync', 'master', 'sctp'],
    needs: ['clock'],
    rules: master,
    async script(lab) {
      const ending = { flags: FLAGS.inactive, timeout: 61 };
      const sent = new Association(lab);
      await sent.establish();
      await sent.serverSends('SHUTDOWN');
      await sent.clientSends('DATA');
      await lab.wait(SENT);
      isTold(lab, message([association({ ...ending, state: SCTP_STATE['S-SENT'] })]));
      await sent.serverSends('SHUTDOWN_ACK');
      await sent.clientSends('DATA');
      await lab.wait(SENT);
      isTold(lab, message([association({ ...ending, state: SCTP_STATE['S-ACK-SENT'] })]));
    },
  },
];
