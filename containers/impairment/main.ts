import { explainError } from '../../command/explain-error.ts';
import { LinuxHost } from '../../command/director/linux-host.ts';
import { parseRelayWords } from './command-line.ts';
import { Relay } from './relay.ts';

/** A bad cable between two interfaces of this network namespace, until SIGTERM. Says `ready` when it forwards. */
async function main(words: readonly string[]): Promise<void> {
  const { impairment, interfaces } = parseRelayWords(words);
  const host = new LinuxHost();
  try {
    const warn = (line: string): void => void process.stderr.write(`${line}\n`);
    const [machine, bridge] = interfaces;
    const open = (name: string) => host.open(name, { promiscuous: true, warn });
    const relay = new Relay(host, [open(machine), open(bridge)], impairment);
    let isOver = false;
    process.once('SIGTERM', () => {
      isOver = true;
      host.wake();
    });
    process.stdout.write('ready\n');
    // TypeScript does not see that a signal changes it.
    while (!(isOver as boolean)) await relay.step();
  } finally {
    host.close();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const { status, line } = explainError(error);
  process.stderr.write(`impairment: ${line}\n`);
  process.exitCode = status;
}
