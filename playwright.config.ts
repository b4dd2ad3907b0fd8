import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, findChromium } from './checks/find-chromium.ts';

const executablePath = findChromium();

/** Stories in a real Chromium over the built app and a real broker; one worker, because stories stop the broker they share. */
export default defineConfig({
  testDir: 'e2e/specs',
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  outputDir: 'test-results',
  use: {
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(executablePath === null ? {} : { executablePath }),
      args: CHROMIUM_ARGS,
    },
  },
});
