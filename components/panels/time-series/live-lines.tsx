'use client';
import { useEffect, useId, useRef } from 'react';
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import { linePaths, type Axis } from '#lib/panels/line-paths.ts';
import { SERIES_MAX, seriesInk } from '#lib/panels/series-colours.ts';
import type { LineStore } from './line-store.ts';

const SLOTS = Array.from({ length: SERIES_MAX }, (_, index) => index);
/** Below this width the hatch needs no words. */
const LABEL_PX = 8;

/** Both scales are linear: two samples give slope and offset, and drawing stays free of calls. */
function axisOf(scale: (value: unknown) => number | undefined, unit: number): Axis | null {
  const zero = scale(0);
  const one = scale(unit);
  return zero === undefined || one === undefined
    ? null
    : { slope: (one - zero) / unit, offset: zero };
}

/**
 * The series of a chart, the frontier and the hatch beyond it, written straight into the SVG of the Recharts frame around it:
 * a new value costs a few path strings and no React render.
 */
export function LiveLines({ store }: { readonly store: LineStore }) {
  const xScale = useXAxisScale();
  const yScale = useYAxisScale();
  const plot = usePlotArea();
  const group = useRef<SVGGElement>(null);
  const hatch = useId();
  useEffect(() => {
    const root = group.current;
    if (xScale === undefined || yScale === undefined || plot === undefined || root === null)
      return undefined;
    const x = axisOf(xScale, 1_000_000);
    const y = axisOf(yScale, 1);
    if (x === null || y === null) return undefined;
    const draw = (): void => {
      const drawn = store.lines();
      if (drawn === null) return;
      const { chart, colours } = drawn;
      SLOTS.forEach((slot) => {
        const slotGroup = root.querySelector(`[data-slot="${slot}"]`);
        const [whole, open, dot] = slotGroup?.children ?? [];
        const paths = linePaths(chart, slot, x, y);
        const ink = seriesInk(colours[slot] ?? slot);
        whole?.setAttribute('d', paths.whole);
        whole?.setAttribute('style', `stroke:${ink.colour};stroke-dasharray:${ink.dash}`);
        open?.setAttribute('d', paths.open);
        open?.setAttribute('style', `stroke:${ink.colour}`);
        dot?.setAttribute('r', paths.end === null ? '0' : '2.6');
        dot?.setAttribute('cx', String(paths.end?.x ?? 0));
        dot?.setAttribute('cy', String(paths.end?.y ?? 0));
        dot?.setAttribute('style', `fill:${ink.colour}`);
      });
      const right = plot.x + plot.width;
      const known = chart.frontier === null ? plot.x : x.slope * chart.frontier + x.offset;
      const edge = Math.min(right, Math.max(plot.x, known));
      const unknown = root.querySelector('[data-role="not-known"]');
      unknown?.setAttribute('x', String(edge));
      unknown?.setAttribute('width', String(right - edge));
      const line = root.querySelector('[data-role="frontier"]');
      line?.setAttribute('x1', String(edge));
      line?.setAttribute('x2', String(edge));
      const label = root.querySelector('[data-role="not-known-label"]');
      label?.setAttribute('x', String(edge - 5));
      label?.setAttribute('visibility', right - edge >= LABEL_PX ? 'visible' : 'hidden');
    };
    draw();
    return store.subscribe(draw);
  }, [store, xScale, yScale, plot]);
  if (plot === undefined) return null;
  return (
    <g ref={group}>
      <defs>
        <pattern
          id={hatch}
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <line className="hatch-line" x1="0" y1="0" x2="0" y2="6" />
        </pattern>
      </defs>
      <rect data-role="not-known" y={plot.y} height={plot.height} fill={`url(#${hatch})`} />
      <line className="frontier-line" data-role="frontier" y1={plot.y} y2={plot.y + plot.height} />
      <text
        className="chart-label"
        data-role="not-known-label"
        y={plot.y + 11}
        textAnchor="end"
        visibility="hidden"
      >
        not known yet →
      </text>
      {SLOTS.map((slot) => (
        <g key={slot} data-slot={slot}>
          <path className="series-line" />
          <path className="series-line is-open" />
          <circle className="series-dot" r="0" />
        </g>
      ))}
    </g>
  );
}
