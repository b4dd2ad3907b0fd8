import type { FieldSpec } from '#lib/definitions/schema.ts';
import type { JsonObject } from '#lib/engine/task-state.ts';

const HIDDEN = '•••';

/** A record as it may be kept aside: values of public and internal fields; every other field only by name (AC4). */
export function maskPayload(
  raw: JsonObject,
  fields: Readonly<Record<string, FieldSpec>>,
): JsonObject {
  const shown = (name: string) => {
    const spec = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return spec?.class === 'public' || spec?.class === 'internal';
  };
  return Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [name, shown(name) ? value : HIDDEN]),
  );
}
