import type { DefinitionProblem } from '#lib/contracts/rest.ts';
import type { Definition } from './schema.ts';
import type { Path, Place } from './source-document.ts';

/** Something wrong in one definition, before its place in a file is known. */
export interface Finding {
  readonly path: Path;
  /** Points at the key instead of its value. */
  readonly onKey?: boolean;
  /** Characters into the text at `path`. */
  readonly offset?: number;
  /** Default: error. */
  readonly severity?: DefinitionProblem['severity'];
  readonly message: string;
  readonly fix: string | null;
}

/** Where findings of one definition stand. */
export interface Places {
  at(path: Path, offset?: number): Place;
  atKey(path: Path): Place;
}

/** A definition with the way back to its text. */
export interface Subject {
  readonly definition: Definition;
  readonly places: Places;
}

export function problemOf(finding: Finding, places: Places): DefinitionProblem {
  const { path, onKey = false, offset, severity = 'error', message, fix } = finding;
  const place = onKey ? places.atKey(path) : places.at(path, offset);
  return { ...place, path: path.join('.'), severity, message, fix };
}

/** For definitions that are applied already and whose files are not at hand. */
export function appliedPlaces({ kind, metadata }: Definition): Places {
  const place = { file: `(applied) ${kind} ${metadata.name}`, line: 1, column: 1 };
  return { at: () => place, atKey: () => place };
}
