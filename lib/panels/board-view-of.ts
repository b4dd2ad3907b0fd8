import type { BoardView, MetricFace } from '#lib/contracts/feed.ts';
import type { Definition } from '#lib/definitions/schema.ts';

/** A board as a viewer gets it; a panel whose metric is not defined, or not theirs to see, has no face. */
export function boardViewOf(
  board: Extract<Definition, { kind: 'Board' }>,
  faceOf: (metric: string) => MetricFace | null,
): BoardView {
  const { metadata, spec } = board;
  return {
    name: metadata.name,
    title: metadata.title ?? metadata.name,
    owner: metadata.owner,
    description: metadata.description ?? null,
    zone: spec.zone ?? null,
    panels: spec.panels.map((panel) => ({ spec: panel, face: faceOf(panel.metric) })),
  };
}
