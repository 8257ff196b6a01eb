import type { Environment } from '../../../../reference/environment.ts';
import type { KernelInstallation } from '../installation.ts';
import { obtainKernel } from '../obtain-kernel.ts';

/** A kernel for the tests that need one, or why there is none: downloaded once, then from the cache. */
export const testKernel: { readonly kernel: KernelInstallation } | { readonly why: string } = await obtainKernel(
  () => undefined,
).then(
  (kernel) => ({ kernel }),
  (error: unknown) => ({ why: error instanceof Error ? error.message : String(error) }),
);

/** The title of a group of tests that need the kernel: where there is none, with the reason. */
export const needsKernel = (title: string): string =>
  'why' in testKernel ? `${title} [skipped: ${testKernel.why}]` : title;

export const testEnvironment: Environment = {
  ports: [
    { name: 'client', mac: '02:00:00:00:01:01', addresses: ['10.0.0.1/24'], mtu: 9000 },
    { name: 'server', mac: '02:00:00:00:02:01', addresses: ['192.168.1.1/24'], mtu: 1500 },
  ],
  virtualAddresses: ['10.0.0.100'],
  routes: [{ destination: '0.0.0.0/0', via: '10.0.0.254' }],
  neighbours: 'arp',
  sysctls: {},
};
