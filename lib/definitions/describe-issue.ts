import type { z } from 'zod';
import { suggestion } from '#lib/expressions/nearest.ts';
import type { Finding } from './finding.ts';
import { knownKeys } from './known-keys.ts';
import type { Kind } from './schema.ts';
import type { Path } from './source-document.ts';

type Issue = z.core.$ZodIssue;

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
};

function wordFor(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map of keys';
  return `\`${String(value)}\``;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value;
}

const pathOf = (path: readonly PropertyKey[]): Path =>
  path.map((key) => (typeof key === 'symbol' ? String(key) : key));

/** What is wrong with one object in plain words, from what the schema says of it (DF2). */
export function describeIssue(issue: Issue, kind: Kind, root: unknown): readonly Finding[] {
  const path = pathOf(issue.path);
  const value = valueAt(root, path);
  const name = String(path.at(-1) ?? 'the definition');
  if (value === undefined && issue.code !== 'unrecognized_keys') {
    return [{ path, message: `\`${name}\` is missing`, fix: missingFix(issue) }];
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        onKey: true,
        message: `unknown key \`${key}\``,
        fix: suggestion(key, knownKeys(kind, path)),
      }));
    case 'invalid_type':
      return [
        {
          path,
          message: `\`${name}\` is ${wordFor(value)}, expected ${EXPECTED[issue.expected] ?? issue.expected}`,
          fix:
            typeof value === 'number'
              ? `a duration needs its unit (${String(value)}s), a text quotes`
              : null,
        },
      ];
    case 'invalid_value': {
      const known = issue.values.map(String);
      return [
        { path, message: `\`${name}\` cannot be ${wordFor(value)}`, fix: valueFix(value, known) },
      ];
    }
    case 'invalid_union':
      return describeUnion(issue, kind, root);
    case 'invalid_key':
      return [
        {
          path,
          onKey: true,
          message: `\`${name}\` cannot be a key`,
          fix: issue.issues[0]?.message ?? null,
        },
      ];
    case 'invalid_format':
      return [{ path, message: `\`${name}\` cannot be ${wordFor(value)}`, fix: formatFix(issue) }];
    default:
      return [{ path, message: `\`${name}\`: ${issue.message}`, fix: null }];
  }
}

function describeUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  kind: Kind,
  root: unknown,
): readonly Finding[] {
  const path = pathOf(issue.path);
  const name = String(path.at(-1) ?? 'the definition');
  const value = valueAt(root, path);
  // The form that was meant is the one whose faults lie inside it, not at its root.
  const meant = issue.errors.filter((branch) => branch.every((inner) => inner.path.length > 0));
  const [only] = meant;
  if (only !== undefined && meant.length === 1) {
    return only.flatMap((inner) =>
      describeIssue({ ...inner, path: [...issue.path, ...inner.path] } as Issue, kind, root),
    );
  }
  const options =
    'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  const message = `\`${name}\` cannot be ${wordFor(value)}`;
  return [{ path, message, fix: options.length > 0 ? valueFix(value, options) : issue.message }];
}

const valueFix = (value: unknown, known: readonly string[]): string | null =>
  typeof value === 'string' ? suggestion(value, known) : `known: ${known.join(', ')}`;

function missingFix(issue: Issue): string | null {
  if (issue.code === 'invalid_value') return `write ${issue.values.map(String).join(' or ')}`;
  if (issue.code === 'invalid_type')
    return `expected ${EXPECTED[issue.expected] ?? issue.expected}`;
  if ('options' in issue && Array.isArray(issue.options))
    return `one of ${issue.options.map(String).join(', ')}`;
  return issue.code === 'invalid_union' ? issue.message : null;
}

/** Our own formats say what they expect; the library's say only their name. */
function formatFix(issue: Extract<Issue, { code: 'invalid_format' }>): string {
  if (issue.message.startsWith('expected')) return issue.message;
  return issue.format === 'url'
    ? 'expected an address such as https://runbooks.example/orders'
    : `expected ${issue.format}`;
}
