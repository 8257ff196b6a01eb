/** How many connections all services of `ipvsadm -L -n --stats` have made. */
export function connectionsCounted(statistics: string): number {
  // "TCP  10.2.0.100:80                       12      100 …": a service, not one of its servers.
  const services = [...statistics.matchAll(/^(?:TCP|UDP|SCTP|FWM) +\S+ +(\d+) /gm)];
  return services.reduce((sum, [, connections]) => sum + Number(connections), 0);
}
