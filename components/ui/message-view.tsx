import Link from 'next/link';
import type { ReactNode } from 'react';

/** A page that has something to say instead of something to show: what is the matter, and where to go. */
export function MessageView({
  title,
  children,
  back = '/boards',
  backText = 'All boards',
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly back?: string;
  readonly backText?: string;
}) {
  return (
    <div className="max-w-xl px-8 py-10">
      <h2 className="text-xl font-semibold">{title}</h2>
      <p className="mt-2 mb-5 text-ink2">{children}</p>
      <Link className="btn" href={back}>
        {backText}
      </Link>
    </div>
  );
}
