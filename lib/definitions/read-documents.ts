import { isScalar, LineCounter, parseAllDocuments, visit, type Document } from 'yaml';
import type { DefinitionProblem } from '#lib/contracts/rest.ts';
import { SourceDocument } from './source-document.ts';

export interface DefinitionFile {
  readonly name: string;
  readonly text: string;
}

export interface ReadDocuments {
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly DefinitionProblem[];
}

/** All YAML documents of the files, empty ones left out; what cannot be read is a problem with its line (DF1). Never throws. */
export function readDocuments(files: readonly DefinitionFile[]): ReadDocuments {
  const read = files.map(readFile);
  return {
    documents: read.flatMap(({ documents }) => documents),
    problems: read.flatMap(({ problems }) => problems),
  };
}

function readFile(file: DefinitionFile): ReadDocuments {
  const lines = new LineCounter();
  const problems: DefinitionProblem[] = [];
  const documents: SourceDocument[] = [];
  const report = (offset: number, message: string, fix: string | null): void => {
    const { line, col } = lines.linePos(offset);
    problems.push({
      file: file.name,
      line: Math.max(1, line),
      column: Math.max(1, col),
      path: '',
      severity: 'error',
      message,
      fix,
    });
  };
  try {
    for (const document of parseAllDocuments(file.text, {
      lineCounter: lines,
      prettyErrors: false,
    })) {
      for (const { pos, message } of document.errors)
        report(pos[0], `not valid YAML: ${message}`, null);
      if (document.errors.length > 0 || document.contents === null) continue;
      const prototypeAt = prototypeKeyOf(document);
      if (prototypeAt !== null) report(prototypeAt, '`__proto__` cannot be a key', 'remove it');
      const source = new SourceDocument(file, document, lines);
      if (source.value !== null) documents.push(source);
    }
  } catch (error) {
    // Aliases that multiply beyond measure, or nesting deeper than the stack: both are refused by the library with an exception.
    const reason =
      error instanceof RangeError ? 'it is nested too deeply' : 'its aliases cannot be resolved';
    report(0, `the file cannot be read: ${reason}`, null);
  }
  return { documents, problems };
}

/** Where a key stands that JavaScript would take for an object's prototype; the schema would not see it. */
function prototypeKeyOf(document: Document.Parsed): number | null {
  let found: number | null = null;
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return undefined;
      found = key.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}
