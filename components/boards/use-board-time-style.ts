import { useMemo } from 'react';
import type { TimeStyle } from '#lib/panels/time-format.ts';

/** The board's own zone where it names one, else the viewer's; always in the viewer's language. Its name stands in the top bar. */
export function useBoardTimeStyle(boardZone: string | null): TimeStyle {
  return useMemo(() => {
    const viewer = new Intl.DateTimeFormat().resolvedOptions();
    return { locale: viewer.locale, zone: boardZone ?? viewer.timeZone };
  }, [boardZone]);
}
