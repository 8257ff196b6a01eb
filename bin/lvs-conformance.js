#!/usr/bin/env node
import { SetupError, setUp } from './setup.js';

try {
  setUp();
  const { main } = await import('../dist/command/main.js');
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) {
    throw error;
  }
  process.stderr.write(`lvs-conformance: ${error.message}\n`);
  process.exitCode = 2;
}
