import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** Where this project lies, found by its own name: from the sources and from `dist/` alike. */
export const PROJECT_ROOT = dirname(createRequire(import.meta.url).resolve('lvs-conformance/package.json'));

/** Where every container of a lab finds it, read-only. */
export const PROJECT_IN_CONTAINER = '/opt/lvs-conformance';
