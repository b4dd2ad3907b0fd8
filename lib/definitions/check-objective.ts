import { suggestion } from '#lib/expressions/nearest.ts';
import type { DefinitionSet } from './definition-set.ts';
import type { Finding } from './finding.ts';
import type { DefinitionOf } from './schema.ts';

/** An objective names a metric, and no other objective names the same one (DF3). */
export function checkObjective(
  { metadata, spec }: DefinitionOf<'Objective'>,
  set: DefinitionSet,
): readonly Finding[] {
  const findings: Finding[] = [];
  const path = ['spec', 'metric'];
  if (set.get('Metric', spec.metric) === null) {
    const fix = suggestion(spec.metric, set.names('Metric'));
    findings.push({ path, message: `unknown metric \`${spec.metric}\``, fix });
  }
  // The first by name is the one that stays, so one fault is not told twice.
  const first = set
    .all('Objective')
    .filter((other) => other.spec.metric === spec.metric)
    .map((other) => other.metadata.name)
    .sort()[0];
  if (first !== undefined && first !== metadata.name) {
    const message = `objective \`${first}\` names metric \`${spec.metric}\` already`;
    findings.push({ path, message, fix: 'a metric has one objective: remove one of them' });
  }
  if (spec.target <= 0) {
    findings.push({
      path: ['spec', 'target'],
      message: 'must be longer than 0',
      fix: 'for example 30s',
    });
  }
  return findings;
}
