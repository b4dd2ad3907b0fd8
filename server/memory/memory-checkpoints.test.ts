import { beforeEach, describe } from 'vitest';
import { checkpointStoreContract } from '#server/ports/checkpoint-store.contract.ts';
import { MemoryCheckpoints } from './memory-checkpoints.ts';

describe('the checkpoints in memory', () => {
  let checkpoints: MemoryCheckpoints;
  beforeEach(() => {
    checkpoints = new MemoryCheckpoints();
  });
  checkpointStoreContract(() => checkpoints.open());
});
