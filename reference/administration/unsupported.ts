import { UnsupportedFeature } from '../errors.ts';
import type { ServiceCommand } from './command.ts';

/** What ipvsadm can say and this director cannot do: refused before anything changes. Throws UnsupportedFeature. */
export function refuseUnsupported(command: ServiceCommand): void {
  const [lack] = lacks(command);
  if (lack !== undefined) throw new UnsupportedFeature(`${lack} not implemented`);
}

function* lacks(command: ServiceCommand): Generator<string> {
  if (command.kind === 'add-service' || command.kind === 'edit-service') {
    if (command.settings.engine !== '') yield 'Persistence engines (--pe) are';
  }
}
