import { whyNoNamespaces } from '../command/director/testing/test-network.ts';
import { measureInMemory } from './in-memory.ts';
import type { Measurement } from './measure.ts';
import { directorOnInterfaces } from './on-interfaces.ts';

/**
 * `npm run bench`: speed and scale, each figure beside a peer's of the same run; the medians of several measurements, with the smallest and
 * the largest. Figures are no tests: a busy machine is slow.
 */
function rate({ median, smallest, largest }: Measurement): string {
  const text = (value: number): string => (value / 1e6).toFixed(2);
  return `${text(median)} million/s (${text(smallest)} to ${text(largest)})`;
}

console.log('The director in memory, 64-byte TCP; peer: copy of the frame and sum of its IP header');
for (const method of ['nat', 'tunnel', 'direct-route'] as const) {
  for (const connections of [1_000, 1_000_000]) {
    const { forwarded, copied, created, bytesPerConnection } = measureInMemory(method, connections);
    console.log(
      [
        `${method}, ${connections} connections`.padEnd(34),
        `packets ${rate(forwarded)}`,
        `peer ${rate(copied)}`,
        `ratio ${(forwarded.median / copied.median).toFixed(2)}`,
        `new connections ${(created / 1e6).toFixed(2)} million/s`,
        `${Math.round(bytesPerConnection)} bytes a connection`,
      ].join('; '),
    );
  }
}

const reason = whyNoNamespaces();
console.log(`\nThe director on two veth pairs, VS/NAT, 64-byte TCP, 1000 connections; peer: a bridge of the kernel`);
if (reason === '') {
  const { forwarded, bridged } = await directorOnInterfaces();
  const ratio = (forwarded.median / bridged.median).toFixed(2);
  console.log(`frames ${rate(forwarded)}; peer ${rate(bridged)}; ratio ${ratio}`);
} else {
  console.log(`not measured: ${reason}`);
}
