/**
 * The command line as it is compiled: `bin/lvs-conformance.js` would first bring a working copy up to date, and a container has it
 * read-only.
 */
import { main } from '../../command/main.ts';

process.exitCode = await main(process.argv.slice(2));
