import { maskPayload } from '#lib/engine/mask.ts';
import type { InvalidNote } from '#lib/engine/task-state.ts';
import type { PlanStream } from '#lib/contracts/plan.ts';
import { isRetryable } from '#lib/errors/app-error.ts';
import { pause } from '#server/lifecycle/pause.ts';
import type { LogWriter } from '#server/ports/log-writer.ts';

/** Records per append: far below the broker's size limit also with large payloads. */
const CHUNK = 200;
/** A kept payload is cut here: it is for looking at, the record itself is still in its topic. */
const MAX_PAYLOAD_CHARS = 2_000;
const RETRY_MS = 300;

/**
 * Keeps bad records aside in the invalid topic with their place and reason, payload masked by class (CP8). Returns when Kafka has them, or when
 * `signal` aborts; until then nothing is checkpointed past them. After a crash one may be kept twice, under the same key.
 */
export async function keepAside(
  parts: { readonly writer: LogWriter; readonly topic: string; readonly stream: PlanStream },
  notes: readonly InvalidNote[],
  signal: AbortSignal,
): Promise<void> {
  const { writer, topic, stream } = parts;
  for (let i = 0; i < notes.length;) {
    if (signal.aborted) return;
    const records = notes.slice(i, i + CHUNK).map((note) => {
      const place = `${note.topic}-${String(note.partition)}@${String(note.offset)}`;
      const payload = note.payload && JSON.stringify(maskPayload(note.payload, stream.fields));
      return {
        key: `${stream.name}|${note.metric ?? ''}|${place}`,
        value: JSON.stringify({
          v: 1,
          stream: stream.name,
          metric: note.metric,
          topic: note.topic,
          partition: note.partition,
          offset: note.offset,
          timestamp: note.timestamp,
          reason: note.reason,
          payload: payload?.slice(0, MAX_PAYLOAD_CHARS) ?? null,
        }),
      };
    });
    try {
      await writer.append([{ topic, partition: 0, records }]);
      i += CHUNK;
    } catch (error) {
      if (!isRetryable(error)) throw error;
      await pause(RETRY_MS, signal);
    }
  }
}
