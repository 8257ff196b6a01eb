/**
 * Which way a packet goes: `input` client to server, `output` server to client. `inputOnly` is `input` on a connection
 * whose answers do not pass the director (VS/TUN, VS/DR): the half-connection machine of paper P26 and P33.
 */
export const DIRECTION = { input: 0, output: 1, inputOnly: 2 } as const;

export type Direction = keyof typeof DIRECTION;

/** A state machine: for each direction a row for each event, of the next state for each present one. Events and states by number. */
export type StateTables = Readonly<Record<Direction, readonly (readonly number[])[]>>;

/** A state machine made flat for {@link nextState}: one byte a cell, 16 a row, 16 rows a direction. */
export type CompiledTables = DataView;

const ROW = 16;
const ROWS = 16;

export function compileTables(tables: StateTables): CompiledTables {
  const cells = new DataView(new ArrayBuffer(3 * ROWS * ROW));
  for (const direction of ['input', 'output', 'inputOnly'] as const) {
    tables[direction].forEach((row, event) => {
      const first = (DIRECTION[direction] * ROWS + event) * ROW;
      row.forEach((next, state) => cells.setUint8(first + state, next));
    });
  }
  return cells;
}

/**
 * The state after a packet.
 *
 * @param direction a number of {@link DIRECTION}
 * @param event the number of an event of these tables
 * @param state the number of a state of these tables
 */
export function nextState(tables: CompiledTables, direction: number, event: number, state: number): number {
  return tables.getUint8((direction * ROWS + event) * ROW + state);
}
