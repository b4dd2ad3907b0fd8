import process from 'node:process';
import type { Failpoint } from '#server/ports/failpoint.ts';
import { CHECKPOINT_MIGRATIONS, checkpointOperations } from './checkpoint-operations.ts';
import type { CheckpointThreadSettings } from './checkpoint-store.ts';
import { serveStore } from './serve-store.ts';

/** Ends the process without a word at the n-th commit, as a power cut would: only tests that force a crash ask for it. */
function dieAt(commit: number | null): Failpoint {
  let passes = 0;
  return () => {
    passes += 1;
    if (passes === commit) process.kill(process.pid, 'SIGKILL');
  };
}

serveStore({
  migrations: CHECKPOINT_MIGRATIONS,
  // The settings were made by openCheckpointStore.
  operations: (db, settings) =>
    checkpointOperations(db, dieAt((settings as CheckpointThreadSettings).failAtCommit)),
});
