import { z } from 'zod';
import { KIND_SCHEMAS, type Kind } from './schema.ts';
import type { Path } from './source-document.ts';

/** The part of JSON Schema that z.toJSONSchema uses for our definitions. */
interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

const alternatives = (schema: JsonSchema): readonly JsonSchema[] => {
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return branches.length === 0 ? [schema] : branches.flatMap(alternatives);
};

function childrenOf(schema: JsonSchema, key: string | number): readonly JsonSchema[] {
  if (typeof key === 'number') return schema.items === undefined ? [] : [schema.items];
  const { properties = {}, additionalProperties } = schema;
  const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (own !== undefined) return [own];
  return typeof additionalProperties === 'object' ? [additionalProperties] : [];
}

/** Keys that may stand in the object at this path of a definition of this kind, in the schema's order; of every alternative form. */
export function knownKeys(kind: Kind, path: Path): readonly string[] {
  // What z.toJSONSchema returns is JSON Schema; the interface above names the part that is read.
  const root = z.toJSONSchema(KIND_SCHEMAS[kind], { io: 'input' }) as JsonSchema;
  let schemas = alternatives(root);
  for (const key of path)
    schemas = schemas.flatMap((each) => childrenOf(each, key)).flatMap(alternatives);
  return [...new Set(schemas.flatMap((each) => Object.keys(each.properties ?? {})))];
}
