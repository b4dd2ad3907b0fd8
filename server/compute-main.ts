import { runCompute, type ComputeSettings } from '#server/compute-part.ts';
import { serveWorker } from '#server/lifecycle/worker-thread.ts';

/** The worker thread of role `all`. The settings come from main.ts, so they are trusted. */
await serveWorker((data, signal) => runCompute(data as ComputeSettings, signal));
