'use client';
import { useQuery } from '@tanstack/react-query';
import { useFeed } from '#components/feed/feed-context.tsx';
import type { PanelPlace } from '#components/panels/frame/panel-frame.tsx';
import { getJson } from '#components/rest/get-json.ts';
import type { MetricFace } from '#lib/contracts/feed.ts';
import type { Why as WhyAnswer } from '#lib/contracts/rest.ts';
import type { PanelHead, Viewing } from '#lib/panels/panel-head.ts';
import { whyModel } from '#lib/panels/why-model.ts';
import { WhyView } from './why-view.tsx';

const ASK_AGAIN_MS = 1_000;

/** Mounted only while Why is open, so the server is asked only then. */
export function Why(props: {
  readonly place: PanelPlace;
  readonly title: string;
  readonly face: MetricFace;
  readonly head: PanelHead;
  readonly viewing: Viewing;
}) {
  const { place, title, face, head, viewing } = props;
  const feed = useFeed();
  const asked = useQuery({
    queryKey: ['why', face.metric],
    queryFn: ({ signal }) =>
      getJson<WhyAnswer>(`metrics/${encodeURIComponent(face.metric)}/freshness`, signal),
    refetchInterval: ASK_AGAIN_MS,
  });
  const { deliver, paint } = feed.screenHops(place.board, place.panel);
  const why = asked.data ?? null;
  const model = whyModel({ title, face, head, viewing, why, deliver, paint });
  return (
    <WhyView model={model} asked={asked.isError ? 'failed' : why === null ? 'loading' : 'loaded'} />
  );
}
