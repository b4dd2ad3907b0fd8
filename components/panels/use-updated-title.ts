import { useMoment } from '#components/feed/use-moment.ts';
import { absoluteText } from '#lib/panels/time-format.ts';
import { useTimeStyle } from './use-viewing.ts';

/**
 * "Screen updated …": when this tab last received a value, which is not "data as of". `updatedAt` is the tab's monotonic clock, so
 * it is carried into the cluster's clock by how long ago it was.
 */
export function useUpdatedTitle(updatedAt: number | null): string {
  const { now, mono } = useMoment();
  const style = useTimeStyle();
  if (updatedAt === null || now === null) return 'No value has reached this screen yet.';
  return `Screen updated ${absoluteText(now - (mono - updatedAt), style)}`;
}
