import type { ConnectionRow, Host, Lab } from '../harness/lab.ts';

/** A value that the requirement names, and another one that a documented deviation has. */
export interface Departure {
  readonly required: string;
  readonly deviates: string;
  /** Id of `deviations.ts`. */
  readonly deviation: string;
}

/** The director's record of the connection from this client port. */
export async function connectionOf(
  lab: Lab,
  port = 40001,
  client: Host = lab.client,
): Promise<ConnectionRow | undefined> {
  const rows = await lab.connections();
  const ends = [`${client.address}:${port}`, `[${client.address6}]:${port}`];
  return rows.find((row) => ends.includes(row.client));
}

/** Fails unless there is a connection from this client port and it is in this state. */
export async function stateIs(lab: Lab, state: string | Departure, port = 40001): Promise<void> {
  const row = await connectionOf(lab, port);
  const what = `state of the connection from port ${port}`;
  if (typeof state === 'string') lab.equal(what, row?.state, state);
  else lab.equal(what, row?.state, state.required, { id: state.deviation, value: state.deviates });
}
