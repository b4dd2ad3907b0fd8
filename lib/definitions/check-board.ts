import { nearest, suggestion } from '#lib/expressions/nearest.ts';
import type { DefinitionSet } from './definition-set.ts';
import type { Finding } from './finding.ts';
import type { DefinitionOf, PanelSpec } from './schema.ts';

/** Columns of a board's grid; `at.x` and `at.w` count in them. */
const COLUMNS = 12;

/** Panels are told apart, name metrics and dimensions that exist, and lie inside the grid (DF3, DF7). */
export function checkBoard(
  { spec }: DefinitionOf<'Board'>,
  set: DefinitionSet,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (spec.zone !== undefined && !isZone(spec.zone)) {
    const near = nearest(spec.zone, Intl.supportedValuesOf('timeZone'));
    const fix =
      near === null ? 'write an IANA name such as Europe/Berlin' : `did you mean \`${near}\`?`;
    findings.push({ path: ['spec', 'zone'], message: `unknown time zone \`${spec.zone}\``, fix });
  }
  const { panels } = spec;
  panels.forEach((panel, i) => {
    const path = ['spec', 'panels', i];
    const before = panels.slice(0, i);
    if (before.some(({ id }) => id === panel.id)) {
      const message = `another panel has the id \`${panel.id}\``;
      findings.push({ path: [...path, 'id'], message, fix: 'give each panel its own id' });
    }
    findings.push(
      ...checkReferences(panel, set).map((found) => ({ ...found, path: [...path, ...found.path] })),
    );
    if (panel.at.x + panel.at.w > COLUMNS) {
      const message = `the panel ends at column ${String(panel.at.x + panel.at.w)} of ${String(COLUMNS)}`;
      findings.push({
        path: [...path, 'at', 'w'],
        message,
        fix: `w can be at most ${String(COLUMNS - panel.at.x)} here`,
      });
    }
    const covered = before.find((other) => overlap(panel, other));
    if (covered !== undefined) {
      const message = `panel \`${panel.id}\` lies over panel \`${covered.id}\``;
      findings.push({
        path: [...path, 'at'],
        severity: 'warning',
        message,
        fix: 'move one of them',
      });
    }
  });
  return findings;
}

function checkReferences(panel: PanelSpec, set: DefinitionSet): readonly Finding[] {
  const metric = set.get('Metric', panel.metric);
  if (metric === null) {
    const fix = suggestion(panel.metric, set.names('Metric'));
    return [{ path: ['metric'], message: `unknown metric \`${panel.metric}\``, fix }];
  }
  const { groupBy } = metric.spec;
  if (panel.kind === 'number' && panel.by === undefined && groupBy.length > 0) {
    const message = `metric \`${panel.metric}\` is grouped by ${groupBy.join(', ')}: a number panel shows a single number`;
    const fix = 'use kind: time-series, or a metric without groupBy';
    return [{ path: ['metric'], severity: 'warning', message, fix }];
  }
  if (panel.by === undefined) return [];
  const path = ['by'];
  if (panel.kind !== 'time-series') {
    return [
      {
        path,
        onKey: true,
        message: '`by` is for time-series panels',
        fix: 'remove it, or use kind: time-series',
      },
    ];
  }
  if (groupBy.includes(panel.by)) return [];
  const message = `metric \`${panel.metric}\` is not grouped by \`${panel.by}\``;
  const fix =
    groupBy.length === 0
      ? `add groupBy: [${panel.by}] to the metric`
      : suggestion(panel.by, groupBy);
  return [{ path, message, fix }];
}

const overlap = ({ at: a }: PanelSpec, { at: b }: PanelSpec): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
