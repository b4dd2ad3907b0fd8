import { progressRecordSchema } from '#lib/contracts/progress.ts';
import type { RecordBatch } from '#lib/log/record-batch.ts';
import { RecordCursor } from '#lib/log/record-cursor.ts';
import type { HistoryRow } from '#server/ports/hub-store.ts';
import type { PartitionAnswer } from '#server/ports/log-reader.ts';
import type { AnswerChanges, HubMemory } from './hub-memory.ts';
import { parseJson, textOf } from '#server/records/record-text.ts';
import { problemOf } from './value-record.ts';

interface Logged {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly text: string | null;
}

function* recordsOf(batches: readonly RecordBatch[], from: number): Generator<Logged> {
  for (const batch of batches) {
    const cursor = new RecordCursor(batch, from);
    while (cursor.next()) {
      const { offset, timestamp, bytes } = cursor;
      yield {
        offset,
        timestamp,
        key: textOf(bytes, cursor.keyStart, cursor.keyEnd),
        text: textOf(bytes, cursor.valueStart, cursor.valueEnd),
      };
    }
  }
}

/** Applies what one answer says of a partition of the values topic. @param now cluster clock */
export function applyValues(
  part: PartitionAnswer,
  memory: HubMemory,
  changes: AnswerChanges,
  to: { readonly now: number; readonly keep: (row: HistoryRow) => void },
): void {
  const { topic, partition } = part;
  for (const { offset, timestamp, key, text } of recordsOf(part.batches, part.asked)) {
    const applied = memory.values.apply(
      { partition, offset, appendedAt: timestamp, key, text },
      to.now,
    );
    if (applied.kind === 'value') {
      memory.counts.values += 1;
      to.keep(applied.row);
      const { metric, version } = applied.row;
      if (applied.point !== null) changes.add(metric, version, applied.point);
    } else if (applied.kind === 'fenced') memory.counts.fenced += 1;
    else if (applied.kind === 'invalid')
      memory.aside.add({ topic, partition, offset, reason: applied.reason });
  }
  memory.values.reach(partition, part.next);
}

/** Applies what one answer says of the progress topic: after the values of the same answer, which it may speak of. */
export function applyProgress(
  part: PartitionAnswer,
  memory: HubMemory,
  changes: AnswerChanges,
): void {
  const { topic, partition } = part;
  for (const { offset, key, text } of recordsOf(part.batches, part.asked)) {
    if (text === null) {
      const [metric = '', version = ''] = (key ?? '').split('|');
      memory.progress.forget(metric, version);
      changes.facts.add(metric);
      continue;
    }
    const parsed = progressRecordSchema.safeParse(parseJson(text));
    if (!parsed.success) {
      const reason = `not a progress record: ${problemOf(parsed.error)}`;
      memory.aside.add({ topic, partition, offset, reason });
    } else if (parsed.data.kind === 'metric' && memory.progress.offer(parsed.data)) {
      changes.facts.add(parsed.data.metric);
    }
  }
}
