import type { FieldSpec } from '#lib/definitions/schema.ts';
import type { ValueType } from './expression-tree.ts';

export type Fields = Readonly<Record<string, FieldSpec>>;

/**
 * Names every JavaScript object answers to. No field may have one: a row that lacks it would seem to have it (EX6).
 */
export const FORBIDDEN_FIELDS: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  '__proto__',
  'prototype',
]);

/** A declared field by its own name, never one inherited from the object's prototype. */
export const fieldOf = (fields: Fields, name: string): FieldSpec | null =>
  Object.hasOwn(fields, name) && !FORBIDDEN_FIELDS.has(name) ? (fields[name] ?? null) : null;

/** How a field is seen inside expressions. */
export const valueTypeOf = (spec: FieldSpec): ValueType =>
  spec.type === 'decimal' ? 'double' : spec.type;
