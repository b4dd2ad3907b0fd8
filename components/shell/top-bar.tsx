'use client';
import Link from 'next/link';
import { useMoment } from '#components/feed/use-moment.ts';
import { ConnectionView } from './connection-view.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

/** Name of the page, whose it is, the connection, the theme. */
export function TopBar({
  title,
  sub,
  href,
}: {
  readonly title: string;
  readonly sub: string;
  /** Where the title leads, on pages below it. */
  readonly href?: string;
}) {
  const moment = useMoment();
  return (
    <div className="flex min-h-[53px] flex-wrap items-center gap-x-3.5 gap-y-1 border-b border-line px-5 py-2.5">
      <h1 className="text-base font-semibold">
        {href === undefined ? title : <Link href={href}>{title}</Link>}
      </h1>
      <span className="text-ink3">{sub}</span>
      <span className="flex-1" />
      <ConnectionView moment={moment} />
      <ThemeSwitch />
    </div>
  );
}
