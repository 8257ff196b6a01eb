import { expect, test } from 'vitest';
import { DirectorLab, VIP } from '../testing/director-lab.ts';
import { formatIpv4 } from '../wire/address.ts';
import { ip, tcp } from '../wire/layer.ts';
import kernels from './schedulers.kernels.json' with { type: 'json' };

/** SYN or RST of a recording's connection, and who gets what comes of it. */
function segment(lab: DirectorLab, connection: number, flags: string): string {
  const source = formatIpv4(0x0b00_0000 + ((connection * 40503) % 65536));
  const sourcePort = 1024 + ((connection * 7919) % 60000);
  const sent = lab.fromClient(ip({ source, destination: VIP }), tcp({ sourcePort, destinationPort: 80, flags }));
  const header = sent[0]?.layers[1];
  const destination = header?.kind === 'ip' ? header.destination : undefined;
  return destination === source ? '-' : String(destination?.split('.')[3]);
}

test.each(kernels.recordings)('$scheduler chooses what Linux $kernel chose', ({ lines }) => {
  const lab = new DirectorLab({ environment: { neighbours: 'derived' } });
  let connection = 0;
  lines.forEach((line, index) => {
    if (line.startsWith('show\n')) {
      expect(lab.director.servicesText()).toBe(line.slice(5));
      return;
    }
    const [command = '', ...words] = line.split(' ');
    if (command === 'connect') {
      expect([index, ...words.map(() => segment(lab, connection++, 'S'))]).toEqual([index, ...words]);
    } else if (command === 'reset') {
      for (const word of words) segment(lab, Number(word), 'R');
    } else if (command === 'wait') {
      lab.director.advance(Number(words[0]) * 1000);
    } else {
      lab.director.administer(line);
    }
  });
});
