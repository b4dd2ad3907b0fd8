import type { MetricFace, Point } from '#lib/contracts/feed.ts';
import type { MetricNumber } from '#lib/contracts/metric-record.ts';
import type { PanelSpec } from '#lib/definitions/schema.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import { ageText, promiseText } from './age-text.ts';
import { timeSpan } from './chart-frame.ts';
import { lineChart, type LineChartModel, type Range } from './line-series.ts';
import { countText, numberLine } from './number-format.ts';
import { panelHead, type PanelHead, type Viewing } from './panel-head.ts';
import { panelColours, type ColourBook } from './series-colours.ts';

export interface LegendEntry {
  readonly label: string;
  /** Index of its colour, 0 to 7. */
  readonly colour: number;
  readonly value: string;
}

/** Everything a time-series panel prints, but for the axes. */
export interface TimeSeriesModel {
  readonly head: PanelHead;
  readonly chart: LineChartModel;
  readonly span: Range;
  readonly legend: readonly LegendEntry[];
  /** The newest number of the only line, for machines; null when there are several or none. */
  readonly raw: MetricNumber;
  /** Window the legend's numbers are of. */
  readonly window: { readonly start: number; readonly end: number } | null;
  readonly foot: string;
  /** Stands in the chart's place when there is nothing to draw. */
  readonly empty: { readonly title: string; readonly advice: string } | null;
}

export interface TimeSeriesInput {
  readonly face: MetricFace;
  readonly spec: Pick<PanelSpec, 'show' | 'by' | 'range'>;
  readonly points: ReadonlyMap<string, Point>;
  readonly facts: FreshnessFacts | null;
  readonly viewing: Viewing;
  readonly book: ColourBook;
}

function emptyOf(
  input: TimeSeriesInput,
  head: PanelHead,
  chart: LineChartModel,
): TimeSeriesModel['empty'] {
  if (chart.lines.length > 0) return null;
  const topics = input.face.topics.join(', ');
  const { state } = head;
  if (state === 'unknown' || state === 'disconnected')
    return { title: 'Nothing is known yet', advice: `${head.reason}.` };
  if (state === 'replaying') return { title: 'Replaying', advice: `${head.reason}.` };
  if (input.points.size === 0 && input.facts?.appliedAt === null)
    return {
      title: 'No events yet',
      advice: `Kafka answers, and ${topics} has brought nothing this metric counts.`,
    };
  const last = input.facts?.appliedAt ?? null;
  const now = input.viewing.now;
  const ago =
    last === null || now === null
      ? ''
      : ` The last one was counted ${ageText(Math.max(0, now - last))} ago.`;
  return {
    title: `No events in the last ${promiseText(input.spec.range)}`,
    advice: `Kafka answers, and ${topics} brought none of this time.${ago}`,
  };
}

function footOf(head: PanelHead, chart: LineChartModel, input: TimeSeriesInput): string {
  const { facts } = input;
  const { locale } = input.viewing.style;
  const lagging = (facts?.lagRecords ?? 0) > 0 && head.ageMs !== null;
  return [
    head.asOfText,
    lagging
      ? `${head.lagText} ${facts?.lagRecords === 1 ? 'record' : 'records'}, ${ageText(head.ageMs)} (measured)`
      : head.lagText,
    chart.late > 0 ? `${countText(chart.late, locale)} came too late, not counted` : '',
    chart.hidden > 0 ? `${chart.hidden} smaller series not drawn` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** What a time-series panel shows at an instant (UI8–UI10). */
export function timeSeriesPanel(input: TimeSeriesInput): TimeSeriesModel {
  const { face, spec, facts, viewing, book } = input;
  const head = panelHead(facts, viewing);
  const now = viewing.now ?? facts?.frontier ?? facts?.closing ?? 0;
  const span = timeSpan(now, spec.range, face.windowMs);
  const chart: LineChartModel =
    facts === null
      ? {
          starts: [],
          windowMs: face.windowMs,
          lines: [],
          hidden: 0,
          openFrom: 0,
          frontier: null,
          newest: -1,
          late: 0,
        }
      : lineChart(face, input.points.values(), facts, { range: span, by: spec.by });
  const show = spec.show ?? face.show;
  const at = show === 'current' ? chart.starts.length - 1 : chart.newest;
  const start = chart.starts[at];
  const colours = panelColours(
    book,
    face.groupBy.length === 0 ? '' : (spec.by ?? face.groupBy.join(' · ')),
    chart.lines.map(({ label }) => (face.groupBy.length === 0 ? '' : label)),
  );
  const [only] = chart.lines;
  return {
    head,
    chart,
    span,
    legend: chart.lines.map((line, index) => ({
      label: line.label,
      colour: colours[index] ?? 0,
      value: numberLine(line.exact[at] ?? null, face, viewing.style.locale),
    })),
    raw: chart.lines.length === 1 && only !== undefined ? (only.exact[at] ?? null) : null,
    window: start === undefined ? null : { start, end: start + face.windowMs },
    foot: footOf(head, chart, input),
    empty: emptyOf(input, head, chart),
  };
}
