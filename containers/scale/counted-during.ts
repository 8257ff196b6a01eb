import type { Lab } from '../lab/lab.ts';
import type { CableCount, Link } from '../lab/link.ts';
import type { Counted } from './counted.ts';

/** What passed the cables of the director and of the real servers while `work` was done. Counted at the switch: no director has a say in it. */
export async function countedDuring(lab: Lab, work: () => Promise<void>): Promise<Counted> {
  const declaration = lab.topology.machines.find(({ role }) => role === 'director');
  const director = declaration?.interfaces.map(({ name }) => lab.link('director', name)) ?? [];
  const servers = lab.servers.map((server) => lab.link(server));
  const count = async (): Promise<Counted> => ({ director: await sumOf(director), servers: await sumOf(servers) });
  const before = await count();
  await work();
  const after = await count();
  return {
    director: combined(after.director, before.director, (one, other) => one - other),
    servers: combined(after.servers, before.servers, (one, other) => one - other),
  };
}

async function sumOf(links: readonly Link[]): Promise<CableCount> {
  const counts = await Promise.all(links.map((link) => link.count()));
  const none = { frames: 0, bytes: 0 };
  return counts.reduce((sum, count) => combined(sum, count, (one, other) => one + other), {
    sent: none,
    received: none,
  });
}

function combined(a: CableCount, b: CableCount, combine: (one: number, other: number) => number): CableCount {
  const both = (way: 'sent' | 'received'): CableCount['sent'] => ({
    frames: combine(a[way].frames, b[way].frames),
    bytes: combine(a[way].bytes, b[way].bytes),
  });
  return { sent: both('sent'), received: both('received') };
}
