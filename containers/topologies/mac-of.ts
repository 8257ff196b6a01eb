import type { InterfaceDeclaration } from './topology.ts';

/** Locally administered, and the interface's first IPv4 address in it: whoever reads a capture knows the machine. */
export function macOf({ addresses: [first] }: InterfaceDeclaration): string {
  const bytes = (first.split('/')[0] ?? '').split('.').map(Number);
  return ['02', '00', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}
