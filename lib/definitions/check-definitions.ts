import type { DefinitionProblem } from '#lib/contracts/rest.ts';
import { checkBoard } from './check-board.ts';
import { checkMetric } from './check-metric.ts';
import { checkObjective } from './check-objective.ts';
import { checkStream } from './check-stream.ts';
import { DefinitionSet } from './definition-set.ts';
import { problemOf, type Finding, type Subject } from './finding.ts';
import type { Definition } from './schema.ts';

/** Checks what definitions say of each other, all that will be in force together (DF3). Empty when everything fits. */
export function checkDefinitions(subjects: readonly Subject[]): readonly DefinitionProblem[] {
  const set = new DefinitionSet(subjects.map(({ definition }) => definition));
  return subjects.flatMap(({ definition, places }) =>
    findingsOf(definition, set).map((finding) => problemOf(finding, places)),
  );
}

/** Objects that stand twice in the files (DF3): the second is the problem, and it names the first's place. */
export function checkDuplicates(subjects: readonly Subject[]): readonly DefinitionProblem[] {
  const seen = new Map<string, Subject>();
  return subjects.flatMap((subject) => {
    const { kind, metadata } = subject.definition;
    const key = `${kind}/${metadata.name}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, subject);
      return [];
    }
    const { file, line } = first.places.at(['metadata', 'name']);
    const message = `${kind} \`${metadata.name}\` is defined twice`;
    const fix = `the first is at ${file}:${String(line)}`;
    return [problemOf({ path: ['metadata', 'name'], message, fix }, subject.places)];
  });
}

function findingsOf(definition: Definition, set: DefinitionSet): readonly Finding[] {
  switch (definition.kind) {
    case 'Stream':
      return checkStream(definition);
    case 'Metric':
      return checkMetric(definition, set);
    case 'Objective':
      return checkObjective(definition, set);
    case 'Board':
      return checkBoard(definition, set);
  }
}
