import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import { Providers } from '#components/shell/providers.tsx';
import { Shell } from '#components/shell/shell.tsx';
import { THEME_SCRIPT } from '#components/shell/theme.ts';
import '#components/ui/base.css';
import '#components/shell/shell.css';
import '#components/panels/panels.css';
import '#components/panels/why/why.css';

export const metadata: Metadata = {
  title: 'Freshet',
  description: 'Live business metrics from Kafka, each with the proof of how fresh it is.',
};

export default function RootLayout({ children }: { readonly children: ReactNode }) {
  return (
    <html
      lang="en"
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      suppressHydrationWarning
    >
      <head>
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>
        <Providers>
          <Shell>{children}</Shell>
        </Providers>
      </body>
    </html>
  );
}
