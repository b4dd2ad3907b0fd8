'use client';
import { useMemo } from 'react';
import type { PanelData } from '#components/feed/board-state.ts';
import { PanelFrame, type PanelPlace } from '#components/panels/frame/panel-frame.tsx';
import { useBox } from '#components/panels/use-box.ts';
import { useUpdatedTitle } from '#components/panels/use-updated-title.ts';
import { useViewing } from '#components/panels/use-viewing.ts';
import type { MetricFace } from '#lib/contracts/feed.ts';
import type { PanelSpec } from '#lib/definitions/schema.ts';
import { fitNumber } from '#lib/panels/fit-number.ts';
import { numberPanel } from '#lib/panels/number-panel.ts';
import { NumberPanelView } from './number-panel-view.tsx';

/** As panels.css has it: large figures from this size of a panel on, with its borders. */
const LARGE = { width: 422, height: 202, fontPx: 64 } as const;
const USUAL_FONT_PX = 40;

export function NumberPanel(props: {
  readonly place: PanelPlace;
  readonly spec: PanelSpec;
  readonly face: MetricFace;
  readonly data: PanelData | null;
}) {
  const { spec, face, data, place } = props;
  const viewing = useViewing();
  const { ref, box } = useBox();
  const updatedTitle = useUpdatedTitle(data?.updatedAt ?? null);
  const model = useMemo(
    () =>
      numberPanel({
        face,
        spec,
        points: data?.points.values() ?? [],
        facts: data?.facts ?? null,
        viewing,
      }),
    [face, spec, data, viewing],
  );
  const large = box !== null && box.width >= LARGE.width && box.height >= LARGE.height;
  const fit =
    box === null
      ? { text: 0, spark: true }
      : fitNumber(model.texts, box.width, large ? LARGE.fontPx : USUAL_FONT_PX);
  const title = spec.title ?? face.title;
  return (
    <div ref={ref} className="grid min-h-0 min-w-0">
      <PanelFrame
        place={place}
        title={title}
        face={face}
        head={model.head}
        viewing={viewing}
        hang="below-panel"
        marks={{
          seq: data?.seq ?? null,
          frontier: data?.facts.frontier ?? null,
          windowStart: model.span?.start ?? null,
          windowEnd: model.span?.end ?? null,
        }}
      >
        <NumberPanelView
          model={fit.spark ? model : { ...model, spark: null }}
          owner={face.owner}
          updatedTitle={updatedTitle}
          text={fit.text}
        />
      </PanelFrame>
    </div>
  );
}
