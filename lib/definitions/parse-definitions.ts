import type { DefinitionProblem } from '#lib/contracts/rest.ts';
import { nearest, suggestion } from '#lib/expressions/nearest.ts';
import { describeIssue } from './describe-issue.ts';
import { problemOf, type Finding, type Subject } from './finding.ts';
import { readDocuments, type DefinitionFile } from './read-documents.ts';
import { KIND_SCHEMAS, KINDS, type Kind } from './schema.ts';
import type { SourceDocument } from './source-document.ts';

/** A definition from a file, valid by itself. */
export interface ParsedDefinition extends Subject {
  /** As written: durations are texts, defaults are not filled in. JSON. */
  readonly source: unknown;
}

export interface ParsedDefinitions {
  readonly parsed: readonly ParsedDefinition[];
  readonly problems: readonly DefinitionProblem[];
}

/** Reads files of definitions, several to a file, and checks each by itself (DF1, DF2). References are checkDefinitions' business. Never throws. */
export function parseDefinitions(files: readonly DefinitionFile[]): ParsedDefinitions {
  const { documents, problems } = readDocuments(files);
  const parsed: ParsedDefinition[] = [];
  const found: DefinitionProblem[] = [...problems];
  for (const document of documents) {
    const result = parseOne(document);
    if ('definition' in result) parsed.push(result);
    else found.push(...result.findings.map((finding) => problemOf(finding, document)));
  }
  return { parsed, problems: found };
}

const isKind = (value: unknown): value is Kind => (KINDS as readonly unknown[]).includes(value);

function parseOne(
  document: SourceDocument,
): ParsedDefinition | { readonly findings: readonly Finding[] } {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = 'a definition is a map with apiVersion, kind, metadata and spec';
    return { findings: [{ path: [], message, fix: 'separate several with a line of ---' }] };
  }
  const kind: unknown = (value as { readonly kind?: unknown }).kind;
  if (!isKind(kind)) return { findings: [kindFinding(kind)] };
  const result = KIND_SCHEMAS[kind].safeParse(value);
  if (result.success) return { definition: result.data, places: document, source: value };
  return { findings: result.error.issues.flatMap((issue) => describeIssue(issue, kind, value)) };
}

function kindFinding(kind: unknown): Finding {
  if (typeof kind !== 'string') {
    return { path: ['kind'], message: '`kind` is missing', fix: `one of ${KINDS.join(', ')}` };
  }
  const known =
    nearest(kind, KINDS) !== null ? suggestion(kind, KINDS) : `known: ${KINDS.join(', ')}`;
  return { path: ['kind'], message: `unknown kind \`${kind}\``, fix: known };
}
