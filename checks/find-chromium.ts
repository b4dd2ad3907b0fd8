import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** Flags that Chromium needs as root and on a machine without a network: without them it knocks at hosts that are not there. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A Chromium that is there: `PLAYWRIGHT_CHROMIUM_PATH`, Playwright's own, or the system's; null when there is none. */
export function findChromium(): string | null {
  const given = process.env['PLAYWRIGHT_CHROMIUM_PATH'];
  if (given !== undefined && given !== '') {
    if (existsSync(given)) return given;
    throw new Error(`PLAYWRIGHT_CHROMIUM_PATH names ${given}, which is not there.`);
  }
  return [chromium.executablePath(), ...SYSTEM].find((path) => existsSync(path)) ?? null;
}

/** The same, installing one where there is none: Playwright's own first, then the system's package as root. */
export function ensureChromium(say: (line: string) => void): string {
  const found = findChromium();
  if (found !== null) return found;
  const attempt = (command: string, args: readonly string[]) => {
    say(`no Chromium found: ${command} ${args.join(' ')}`);
    try {
      execFileSync(command, args, { stdio: 'ignore', timeout: 240_000 });
    } catch {
      // The next way is tried; the last one ends in the sentence below.
    }
    return findChromium();
  };
  const playwright = attempt('npx', ['playwright', 'install', 'chromium']);
  if (playwright !== null) return playwright;
  if (process.getuid?.() === 0) {
    attempt('apt-get', ['update', '-qq']);
    const system = attempt('apt-get', ['install', '-y', '-qq', 'chromium']);
    if (system !== null) return system;
  }
  throw new Error(
    'The browser tests need a Chromium, and none could be installed. Run `npx playwright install --with-deps chromium`, or set PLAYWRIGHT_CHROMIUM_PATH.',
  );
}
