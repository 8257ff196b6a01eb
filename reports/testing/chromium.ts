import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** The browser of the tests: the program that `CHROMIUM` names, else Debian's. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** In CI a missing browser is a failure, elsewhere the tests that need it are left out. */
export const hasChromium = existsSync(CHROMIUM) || process.env['CI'] !== undefined;

/** Never asks the network by itself. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
