'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { StatusFoot } from './status-foot.tsx';

const PAGES = [{ href: '/boards', name: 'Boards' }] as const;

function Brand() {
  return (
    <Link href="/boards" className="rail-brand">
      <svg
        width="18"
        height="18"
        viewBox="0 0 18 18"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        aria-hidden="true"
      >
        <path d="M2 12.5c2.2 0 2.2-3 4.4-3s2.2 3 4.4 3 2.2-3 4.4-3" />
        <path d="M9 2v4M6.8 4 9 6.2 11.2 4" />
      </svg>
      Freshet
    </Link>
  );
}

/** Rail on the left, the page on the right; on a phone the rail is a line at the top. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const path = usePathname();
  return (
    <div className="shell">
      <nav className="rail" aria-label="Pages">
        <Brand />
        {PAGES.map(({ href, name }) => (
          <Link
            key={href}
            href={href}
            className="rail-link"
            aria-current={path.startsWith(href) ? 'page' : undefined}
          >
            {name}
          </Link>
        ))}
        <StatusFoot />
      </nav>
      <div className="min-w-0">{children}</div>
    </div>
  );
}
