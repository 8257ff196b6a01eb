import { createRequire } from 'node:module';

/** The version in package.json, found by the package's own name: from the sources and from `dist/` alike. */
export function toolVersion(): string {
  const { version } = createRequire(import.meta.url)('lvs-conformance/package.json') as { readonly version: string };
  return version;
}
