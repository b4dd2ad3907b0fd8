import { createContext, useContext, useMemo } from 'react';
import { useMoment } from '#components/feed/use-moment.ts';
import type { Viewing } from '#lib/panels/panel-head.ts';
import type { TimeStyle } from '#lib/panels/time-format.ts';

const TimeStyleContext = createContext<TimeStyle>({ locale: 'en', zone: 'UTC' });
export const TimeStyleProvider = TimeStyleContext.Provider;

export const useTimeStyle = (): TimeStyle => useContext(TimeStyleContext);

/** Now and how the viewer reads it; changes at least once a second. */
export function useViewing(): Viewing {
  const { now, errorMs, connection } = useMoment();
  const style = useTimeStyle();
  return useMemo(() => ({ now, errorMs, connection, style }), [now, errorMs, connection, style]);
}
