'use client';
import { memo } from 'react';
import type { PanelData } from '#components/feed/board-state.ts';
import type { BoardView } from '#lib/contracts/feed.ts';
import type { PanelPlace } from './frame/panel-frame.tsx';
import { MissingMetricView } from './missing-metric-view.tsx';
import { NumberPanel } from './number/number-panel.tsx';
import { TimeSeriesPanel } from './time-series/time-series-panel.tsx';

/** The panel of its kind, or what to do when its metric is not there. */
export const Panel = memo(function Panel(props: {
  readonly panel: BoardView['panels'][number];
  readonly data: PanelData | null;
  readonly place: PanelPlace;
}) {
  const { panel, data, place } = props;
  const { spec, face } = panel;
  if (face === null)
    return (
      <MissingMetricView panel={spec.id} title={spec.title ?? spec.metric} metric={spec.metric} />
    );
  return spec.kind === 'number' ? (
    <NumberPanel place={place} spec={spec} face={face} data={data} />
  ) : (
    <TimeSeriesPanel place={place} spec={spec} face={face} data={data} />
  );
});
