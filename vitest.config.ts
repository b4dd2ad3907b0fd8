import { defineConfig } from 'vitest/config';

const kafka = ['**/*.kafka.test.ts'];
const truth = ['**/*.truth.test.ts'];
const never = ['node_modules/**', '.next/**', '.freshet/**', 'e2e/**', 'bench/**'];

/** Three suites: `fast` needs nothing, `kafka` and `truth` start one embedded broker each (CONTRIBUTING.md). */
export default defineConfig({
  test: {
    // Many fast tests wait for sockets and timers, not for a core.
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: 'fast',
          // Four workers share two cores: a property may take its time, a hang is still found.
          testTimeout: 30_000,
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...never, ...kafka, ...truth],
          setupFiles: ['lib/testing/fail-on-console.ts'],
        },
      },
      {
        test: {
          name: 'kafka',
          include: kafka,
          exclude: never,
          globalSetup: ['server/broker/vitest-broker.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'truth',
          include: truth,
          exclude: never,
          testTimeout: 600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
