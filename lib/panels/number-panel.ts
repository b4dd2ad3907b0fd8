import type { MetricFace, Point } from '#lib/contracts/feed.ts';
import type { MetricNumber } from '#lib/contracts/metric-record.ts';
import type { PanelSpec } from '#lib/definitions/schema.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import { cellsOf, type Cell } from './cells.ts';
import { compareWindows } from './comparison.ts';
import { deltaText, type DeltaText } from './delta-text.ts';
import { formatNumber, numberLine, type NumberText } from './number-format.ts';
import { panelHead, type PanelHead, type Viewing } from './panel-head.ts';
import { shownWindow, type Shown } from './shown-window.ts';
import { sparkPath } from './spark.ts';
import { clockText, spanText } from './time-format.ts';

/** Everything a number panel prints. */
export interface NumberPanelModel {
  readonly head: PanelHead;
  /** The number as computed; null when none is shown. */
  readonly raw: MetricNumber;
  /** Longest first; the panel takes the longest that fits. */
  readonly texts: readonly [NumberText, NumberText, NumberText];
  /** The full number, for the hover. */
  readonly title: string;
  readonly dimmed: boolean;
  readonly struck: boolean;
  /** "derived" beside a zero that nobody computed, "so far" beside an open window, "partial" beside a cut one; else null. */
  readonly mark: { readonly text: string; readonly title: string } | null;
  readonly delta: DeltaText | null;
  /** Stands in place of the delta where the state has something to say; empty otherwise. */
  readonly note: string;
  readonly span: { readonly start: number; readonly end: number } | null;
  readonly spanText: string;
  readonly spark: string | null;
}

export interface NumberPanelInput {
  readonly face: MetricFace;
  readonly spec: Pick<PanelSpec, 'show' | 'compare'>;
  readonly points: Iterable<Point>;
  readonly facts: FreshnessFacts | null;
  readonly viewing: Viewing;
}

interface Standing {
  readonly value: MetricNumber;
  readonly span: { readonly start: number; readonly end: number } | null;
  /** The number belongs to an older window than the one asked for. */
  readonly old: boolean;
  readonly mark: NumberPanelModel['mark'];
}

const NOTHING: Standing = { value: null, span: null, old: false, mark: null };

const MARKS = {
  derived: {
    text: 'derived',
    title:
      'Nobody computed this zero: everything up to the end of the window was read, and no event is in it.',
  },
  soFar: { text: 'so far', title: 'The window is still open.' },
  partial: {
    text: 'partial',
    title:
      'Some records of this window were not counted: it began before the first counted event, or records were deleted before they were read.',
  },
} as const;

const held = (cell: Cell | null, old: boolean): Standing =>
  cell === null ? NOTHING : { ...NOTHING, value: cell.value, span: cell, old };

function standing(shown: Shown): Standing {
  if (shown.kind === 'grouped') return NOTHING;
  if (shown.kind === 'nothing') return held(shown.last, true);
  if (shown.kind === 'no-events')
    return shown.last === null ? { ...NOTHING, span: shown } : held(shown.last, true);
  if (shown.kind === 'derived-zero')
    return { value: 0, span: shown, old: false, mark: MARKS.derived };
  const { cell } = shown;
  const mark = cell.partial ? MARKS.partial : shown.soFar ? MARKS.soFar : null;
  return { value: cell.value, span: cell, old: false, mark };
}

/** What the window itself has to say, where the state is good. */
function windowNote(shown: Shown, face: MetricFace, viewing: Viewing): string {
  if (shown.kind === 'grouped') return `grouped by ${face.groupBy.join(', ')}: choose a series`;
  if (shown.kind === 'no-events') {
    const span = spanText(shown, viewing.style, viewing.now);
    return shown.last === null
      ? `no events in ${span}`
      : `no events in ${span}; the last number is of ${spanText(shown.last, viewing.style, viewing.now)}`;
  }
  if (shown.kind === 'value' && shown.cell.value === null)
    return `no value: ${shown.cell.reason ?? 'nothing to divide by'}`;
  return '';
}

const SPEAKS: readonly PanelHead['state'][] = ['unknown', 'replaying', 'blocked', 'disconnected'];

function noteOf(head: PanelHead, shown: Shown, known: boolean, input: NumberPanelInput): string {
  const { style, now } = input.viewing;
  const whileTrue = head.asOf === null ? '' : `was true at ${clockText(head.asOf, style, now)}`;
  const gone = head.distrust || head.state === 'unknown' || head.state === 'disconnected';
  if (known && whileTrue !== '' && gone)
    return head.state === 'stale' && head.code === 'over-limit'
      ? whileTrue
      : `${whileTrue}; ${head.reason}`;
  if (head.distrust || SPEAKS.includes(head.state)) return head.reason;
  const own = windowNote(shown, input.face, input.viewing);
  if (own !== '') return own;
  return head.state === 'quiet' ? head.reason : '';
}

/** What a number panel shows at an instant (UI1–UI7). Pure: the same in a tab, in a test and in a replay. */
export function numberPanel(input: NumberPanelInput): NumberPanelModel {
  const { face, spec, facts, viewing } = input;
  const { locale } = viewing.style;
  const head = panelHead(facts, viewing);
  const cells = cellsOf(face, input.points);
  const shown: Shown =
    facts === null
      ? { kind: 'nothing', last: null }
      : shownWindow(face, spec.show ?? face.show, cells, facts);
  const stand = standing(shown);
  const note = noteOf(head, shown, stand.value !== null, input);
  const comparison =
    spec.compare === undefined || cells === null
      ? null
      : compareWindows(face, cells, shown, spec.compare);
  return {
    head,
    raw: stand.value,
    texts: [
      formatNumber(stand.value, face, locale, 'full'),
      formatNumber(stand.value, face, locale, 'plain'),
      formatNumber(stand.value, face, locale, 'short'),
    ],
    title: stand.value === null ? 'No number is known.' : numberLine(stand.value, face, locale),
    dimmed:
      stand.value !== null &&
      (head.distrust || stand.old || head.state === 'unknown' || head.state === 'disconnected'),
    struck: stand.value !== null && head.distrust,
    mark: stand.mark,
    delta: note !== '' || comparison === null ? null : deltaText(comparison, face, locale),
    note,
    span: stand.span,
    spanText: stand.span === null ? '' : spanText(stand.span, viewing.style, viewing.now),
    spark: cells === null || stand.span === null ? null : sparkPath(face, cells, stand.span.start),
  };
}
