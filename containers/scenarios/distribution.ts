/** How often each name stands in a list, names in order: `{ server1: 6, server2: 2 }`. */
export function distribution(names: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of [...names].sort()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** Whether each name comes again when all the others have come, and not before: what round robin is. */
export function inTurn(names: readonly string[], servers: number): boolean {
  return (
    new Set(names.slice(0, servers)).size === servers && names.every((name, index) => name === names[index % servers])
  );
}
