import { describeTemplate } from './describe-template.ts';
import type { TemplateLayer } from './expectation.ts';
import { ExpectationFailed } from './expectation-failed.ts';
import type { Host } from './lab.ts';
import type { Network } from './network.ts';

/** The one of `hosts` that a packet waits at. Fails where none or more than one has; `template` is for the message only. */
export function findReceiver(hosts: readonly Host[], network: Network, template: readonly TemplateLayer[] = []): Host {
  const [receiver, ...others] = hosts.filter((host) => host.hasPacket);
  if (receiver !== undefined && others.length === 0) return receiver;
  const names = hosts.map((host) => host.name).join(', ');
  throw new ExpectationFailed([
    `exactly one of ${names} should get ${describeTemplate(template)}`,
    receiver === undefined
      ? 'none got anything'
      : `more than one got something: ${[receiver, ...others].map((host) => host.name).join(', ')}`,
    ...network.describe(network.unexpected),
  ]);
}
