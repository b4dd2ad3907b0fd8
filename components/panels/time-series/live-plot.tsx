'use client';
import { memo, useMemo, type ReactNode } from 'react';
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from 'recharts';
import type { ChartFrame } from '#lib/panels/chart-frame.ts';
import type { LineStore } from './line-store.ts';
import { LiveLines } from './live-lines.tsx';

const MARGIN = { top: 4, right: 20, bottom: 0, left: 0 };
const GRID = <CartesianGrid vertical={false} />;
/** Recharts wants a series for its tooltip to find the nearest window; it is never drawn. */
const HIDDEN = (
  <Line dataKey="at" stroke="none" dot={false} activeDot={false} isAnimationActive={false} />
);
const CURSOR = { stroke: 'var(--ink3)', strokeWidth: 1 };
/** Room for one tick of the time axis, px. */
const TICK_PX = 110;
const Y_TICK_PX = 7;

/** Axes, grid and tooltip. Rendered when the frame moves or the box changes, not when a value comes. */
export const LivePlot = memo(function LivePlot(props: {
  readonly store: LineStore;
  readonly frame: ChartFrame;
  readonly width: number;
  readonly height: number;
  /** Window ends the tooltip can stop at. */
  readonly stops: readonly { readonly at: number }[];
  readonly timeText: (at: number) => string;
  readonly valueText: (value: number) => string;
  readonly tip: (at: number) => ReactNode;
  readonly label: string;
}) {
  const { frame, width, height, timeText, valueText, tip } = props;
  const { from, to, low, high, yTicks } = frame;
  const xTicks = useMemo(() => {
    const count = Math.max(2, Math.min(6, Math.floor(width / TICK_PX)));
    return Array.from({ length: count + 1 }, (_, n) => from + ((to - from) * n) / count);
  }, [from, to, width]);
  const yWidth = Math.max(28, ...yTicks.map((tick) => valueText(tick).length * Y_TICK_PX + 10));
  return (
    <LineChart
      width={width}
      height={height}
      data={[...props.stops]}
      margin={MARGIN}
      aria-label={props.label}
    >
      {GRID}
      <XAxis
        dataKey="at"
        type="number"
        domain={[from, to]}
        ticks={xTicks}
        tickFormatter={timeText}
        tickLine={false}
        axisLine={false}
        interval="preserveStartEnd"
        height={20}
        allowDataOverflow
      />
      <YAxis
        type="number"
        domain={[low, high]}
        ticks={[...yTicks]}
        tickFormatter={valueText}
        tickLine={false}
        axisLine={false}
        width={yWidth}
        allowDataOverflow
      />
      <Tooltip
        isAnimationActive={false}
        cursor={CURSOR}
        content={({ active, label }) => (active === true ? tip(Number(label)) : null)}
      />
      {HIDDEN}
      <LiveLines store={props.store} />
    </LineChart>
  );
});
