'use client';
import { Popover } from 'radix-ui';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { MetricFace } from '#lib/contracts/feed.ts';
import type { PanelHead, Viewing } from '#lib/panels/panel-head.ts';
import { Why } from '#components/panels/why/why.tsx';
import { BadgeView } from './badge-view.tsx';

/** Where a panel stands, for links and for the hops this very screen measures. */
export interface PanelPlace {
  readonly board: string;
  readonly panel: string;
  /** Null where the panel already has the page for itself. */
  readonly href: string | null;
}

/** Facts for machines beside the texts for people: tests and screen scrapers read these. */
export interface PanelMarks {
  readonly seq: number | null;
  readonly frontier: number | null;
  readonly windowStart: number | null;
  readonly windowEnd: number | null;
}

/** Edge, title, badge and Why of every panel kind. `belowHead` stays visible while Why is open, so it hangs below that. */
export function PanelFrame(props: {
  readonly place: PanelPlace;
  readonly title: string;
  readonly face: MetricFace;
  readonly head: PanelHead;
  readonly viewing: Viewing;
  readonly marks: PanelMarks;
  readonly hang: 'below-panel' | 'below-head';
  readonly belowHead?: ReactNode;
  readonly children: ReactNode;
}) {
  const { place, title, head, marks, hang } = props;
  const top = (
    <div>
      <header className="panel-head">
        <h2 className="panel-title">
          {place.href === null ? title : <Link href={place.href}>{title}</Link>}
        </h2>
        <Popover.Trigger asChild>
          <BadgeView head={head} title={title} />
        </Popover.Trigger>
      </header>
      {props.belowHead}
    </div>
  );
  const section = (
    <section
      className="panel"
      role="region"
      aria-label={title}
      data-panel={place.panel}
      data-state={head.state}
      data-distrust={head.distrust}
      data-seq={marks.seq ?? ''}
      data-frontier={marks.frontier ?? ''}
      data-window-start={marks.windowStart ?? ''}
      data-window-end={marks.windowEnd ?? ''}
    >
      <div className="panel-inside">
        {hang === 'below-head' ? <Popover.Anchor asChild>{top}</Popover.Anchor> : top}
        {props.children}
      </div>
    </section>
  );
  return (
    <Popover.Root>
      {hang === 'below-panel' ? <Popover.Anchor asChild>{section}</Popover.Anchor> : section}
      <Popover.Portal>
        <Popover.Content
          className="why"
          side="bottom"
          align="end"
          sideOffset={8}
          collisionPadding={12}
          aria-label={`Why is ${title} ${head.word.toLowerCase()}?`}
        >
          <Why place={place} title={title} face={props.face} head={head} viewing={props.viewing} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
