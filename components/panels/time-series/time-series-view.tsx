import type { MetricFace } from '#lib/contracts/feed.ts';
import { numberLine } from '#lib/panels/number-format.ts';
import { seriesInk } from '#lib/panels/series-colours.ts';
import { spanText, type TimeStyle } from '#lib/panels/time-format.ts';
import type { TimeSeriesModel } from '#lib/panels/time-series-panel.ts';
import type { DrawnLines } from './line-store.ts';

function SampleView({ colour }: { readonly colour: number }) {
  const ink = seriesInk(colour);
  return (
    <svg viewBox="0 0 16 4" aria-hidden="true">
      <path d="M0 2H16" style={{ stroke: ink.colour, strokeDasharray: ink.dash }} strokeWidth="2" />
    </svg>
  );
}

/** Names, colours and newest numbers of the lines. */
export function LegendView({ model }: { readonly model: TimeSeriesModel }) {
  return (
    <div className="legend">
      {model.legend.map((entry) => (
        <span key={entry.label} data-series={entry.label}>
          <SampleView colour={entry.colour} />
          {entry.label}
          <b>{entry.value}</b>
        </span>
      ))}
      <data className="unseen" data-role="value" value={model.raw ?? ''} />
    </div>
  );
}

/** Stands in the chart's place, in the same box. */
export function EmptyChartView({ empty }: { readonly empty: { title: string; advice: string } }) {
  return (
    <div className="chart-empty">
      <strong className="font-medium text-ink">{empty.title}</strong>
      <span>{empty.advice}</span>
    </div>
  );
}

/** The window under the pointer: its span, and every line's number as it was computed. */
export function TipView({
  drawn,
  at,
  face,
  style,
}: {
  readonly drawn: DrawnLines | null;
  /** End of the window, event time. */
  readonly at: number;
  readonly face: MetricFace;
  readonly style: TimeStyle;
}) {
  if (drawn === null) return null;
  const { chart } = drawn;
  const start = at - chart.windowMs;
  const index = chart.starts.indexOf(start);
  if (index === -1) return null;
  return (
    <div className="tip">
      <div className="text-ink2">
        {spanText({ start, end: at }, style)}
        {index >= chart.openFrom ? ', so far' : ''}
      </div>
      <dl>
        {chart.lines.map((line) => (
          <div key={line.label} className="contents">
            <dt>{line.label}</dt>
            <dd>
              {line.exact[index] === undefined
                ? 'no events'
                : numberLine(line.exact[index], face, style.locale)}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
