import { VALUES_RETENTION_MS } from '#lib/contracts/topics.ts';
import type { TaskRunner } from '#server/compute/task-runner.ts';
import { pause } from '#server/lifecycle/pause.ts';

/**
 * Sends open and newest windows again every half retention, so that the values topic never loses a number that still stands (SEMANTICS 3.5).
 */
export async function resendOpenWindows(
  runners: readonly TaskRunner[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(VALUES_RETENTION_MS / 2, signal);
    if (signal.aborted) return;
    for (const { state, cuts } of runners) {
      for (const metric of state.metrics) metric.touchNewest();
      cuts.consider();
    }
  }
}
