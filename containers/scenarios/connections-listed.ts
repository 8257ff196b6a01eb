/** How many connections `ipvsadm -L -n` counts, active and inactive, of all services. */
export function connectionsListed(listing: string): number {
  const servers = listing.split('\n').filter((line) => /^ {2}-> \S+ +\S+ +\d/.test(line));
  return servers.reduce((sum, line) => {
    const [inactive = 0, active = 0] = line.trim().split(/ +/).reverse().map(Number);
    return sum + active + inactive;
  }, 0);
}
