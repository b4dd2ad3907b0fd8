type Run = (signal: AbortSignal) => Promise<void>;

/** Runs all until `signal` aborts. When one ends before that, the others are stopped; rejects with the first failure once all have ended. */
export async function runTogether(runs: readonly Run[], signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  await Promise.all(
    runs.map(async (run) => {
      try {
        await run(both);
      } catch (error) {
        failures.push(error);
      } finally {
        stop.abort();
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}
