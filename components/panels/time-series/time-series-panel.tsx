'use client';
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { PanelData } from '#components/feed/board-state.ts';
import { PanelFrame, type PanelPlace } from '#components/panels/frame/panel-frame.tsx';
import { useColourBook } from '#components/panels/use-colour-book.ts';
import { useBox } from '#components/panels/use-box.ts';
import { useUpdatedTitle } from '#components/panels/use-updated-title.ts';
import { useTimeStyle, useViewing } from '#components/panels/use-viewing.ts';
import type { MetricFace, Point } from '#lib/contracts/feed.ts';
import type { PanelSpec } from '#lib/definitions/schema.ts';
import { chartFrame, type ChartFrame } from '#lib/panels/chart-frame.ts';
import { axisText } from '#lib/panels/number-format.ts';
import { clockText, minuteText } from '#lib/panels/time-format.ts';
import { timeSeriesPanel, type TimeSeriesModel } from '#lib/panels/time-series-panel.ts';
import { createLineStore } from './line-store.ts';
import { LivePlot } from './live-plot.tsx';
import { EmptyChartView, LegendView, TipView } from './time-series-view.tsx';

const NO_POINTS: ReadonlyMap<string, Point> = new Map();
/** Ranges shorter than this need seconds on the axis. */
const SECONDS_UNDER_MS = 600_000;

/** Axes keep their place while they can; only this component knows where they stood. */
function useFrame(model: TimeSeriesModel): ChartFrame {
  const held = useRef<ChartFrame | null>(null);
  const { from, to } = model.span;
  return useMemo(() => {
    held.current = chartFrame(model.chart, { from, to }, held.current);
    return held.current;
  }, [model.chart, from, to]);
}

export function TimeSeriesPanel(props: {
  readonly place: PanelPlace;
  readonly spec: PanelSpec;
  readonly face: MetricFace;
  readonly data: PanelData | null;
}) {
  const { place, spec, face, data } = props;
  const viewing = useViewing();
  const style = useTimeStyle();
  const book = useColourBook();
  const { ref, box } = useBox();
  const [store] = useState(createLineStore);
  const updatedTitle = useUpdatedTitle(data?.updatedAt ?? null);
  const model = useMemo(
    () =>
      timeSeriesPanel({
        face,
        spec,
        points: data?.points ?? NO_POINTS,
        facts: data?.facts ?? null,
        viewing,
        book,
      }),
    [face, spec, data, viewing, book],
  );
  const frame = useFrame(model);
  const { chart, legend } = model;
  useLayoutEffect(() => {
    store.set({ chart, colours: legend.map(({ colour }) => colour) });
  }, [store, chart, legend]);
  const first = chart.starts[0];
  const stops = useMemo(
    () =>
      Array.from({ length: chart.starts.length }, (_, index) => ({
        at: (first ?? 0) + (index + 1) * face.windowMs,
      })),
    [chart.starts.length, first, face.windowMs],
  );
  const timeText = useCallback(
    (at: number) => (spec.range < SECONDS_UNDER_MS ? clockText(at, style) : minuteText(at, style)),
    [spec.range, style],
  );
  const valueText = useCallback(
    (value: number) => axisText(value, face, style.locale),
    [face, style],
  );
  const tip = useCallback(
    (at: number) => <TipView drawn={store.lines()} at={at} face={face} style={style} />,
    [store, face, style],
  );
  const title = spec.title ?? face.title;
  const { head } = model;
  return (
    <PanelFrame
      place={place}
      title={title}
      face={face}
      head={head}
      viewing={viewing}
      hang="below-head"
      belowHead={<LegendView model={model} />}
      marks={{
        seq: data?.seq ?? null,
        frontier: data?.facts.frontier ?? null,
        windowStart: model.window?.start ?? null,
        windowEnd: model.window?.end ?? null,
      }}
    >
      <div
        className="chart"
        ref={ref}
        data-dimmed={head.distrust || head.state === 'unknown' || head.state === 'disconnected'}
      >
        {box !== null && model.empty === null && (
          <LivePlot
            store={store}
            frame={frame}
            width={box.width}
            height={box.height}
            stops={stops}
            timeText={timeText}
            valueText={valueText}
            tip={tip}
            label={`${title}, ${timeText(frame.from)} to ${timeText(frame.to)}`}
          />
        )}
        {model.empty !== null && <EmptyChartView empty={model.empty} />}
      </div>
      <footer className="panel-foot series-foot">
        <span title={`${head.asOfTitle}\n${updatedTitle}`}>
          {head.distrust && head.asOfText !== '' ? 'was true ' : ''}
          {model.foot}
        </span>
        <span className="owner">{face.owner}</span>
      </footer>
    </PanelFrame>
  );
}
