/** A run's ISO 8601 time for people: `2026-01-31 23:59:59 UTC`. */
export function dateTime(iso: string): string {
  return iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}
