import { z } from 'zod';
import { definitionSchema } from './schema.ts';

/** JSON Schema (2020-12) of what people write, for editors; made from the one schema. */
export const definitionJsonSchema = (): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(definitionSchema, { io: 'input' });
