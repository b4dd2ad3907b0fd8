import { FORBIDDEN_FIELDS } from '#lib/expressions/field-types.ts';
import { suggestion } from '#lib/expressions/nearest.ts';
import type { Finding } from './finding.ts';
import type { DefinitionOf, FieldSpec } from './schema.ts';

/** Field types an event time may be read from, by the way it is written. */
const TIME_TYPES: Readonly<
  Record<'iso8601' | 'epoch-ms' | 'epoch-s', readonly FieldSpec['type'][]>
> = {
  iso8601: ['string'],
  'epoch-ms': ['int', 'double'],
  'epoch-s': ['int', 'double'],
};

/** The event time is a declared field of a fitting type (DF4); no field is called what every object has (EX6). */
export function checkStream({ spec }: DefinitionOf<'Stream'>): readonly Finding[] {
  const findings: Finding[] = [];
  const names = Object.keys(spec.fields);
  for (const name of names) {
    if (!FORBIDDEN_FIELDS.has(name)) continue;
    findings.push({
      path: ['spec', 'fields', name],
      onKey: true,
      message: `no field can be called \`${name}\``,
      fix: 'leave it out: fields that are not declared are ignored',
    });
  }
  const { eventTime } = spec;
  if (eventTime.as === 'record') return findings;
  const path = ['spec', 'eventTime', 'field'];
  const field = Object.hasOwn(spec.fields, eventTime.field)
    ? spec.fields[eventTime.field]
    : undefined;
  if (field === undefined) {
    const fix = suggestion(eventTime.field, names) ?? 'declare it under spec.fields';
    return [...findings, { path, message: `unknown field \`${eventTime.field}\``, fix }];
  }
  const types = TIME_TYPES[eventTime.as];
  if (!types.includes(field.type)) {
    const message = `\`${eventTime.field}\` is ${article(field.type)}, ${eventTime.as} needs ${types.map(article).join(' or ')}`;
    const fix = `change \`as\`, or the type of ${eventTime.field}`;
    findings.push({ path: ['spec', 'eventTime', 'as'], message, fix });
  }
  return findings;
}

const article = (type: string): string => (type === 'int' ? `an ${type}` : `a ${type}`);
