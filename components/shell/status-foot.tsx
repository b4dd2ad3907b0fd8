'use client';
import { useQuery } from '@tanstack/react-query';
import { getJson } from '#components/rest/get-json.ts';
import type { Status } from '#lib/contracts/rest.ts';

const ASK_AGAIN_MS = 5_000;

const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** The cluster behind it all, at the foot of the rail. */
export function StatusFoot() {
  const { data, isError } = useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => getJson<Status>('status', signal),
    refetchInterval: ASK_AGAIN_MS,
  });
  if (data === undefined) return <div className="rail-foot">{isError ? 'no server' : ''}</div>;
  const kafka = isError
    ? 'server does not answer'
    : data.cluster.reachable
      ? 'Kafka answers'
      : 'Kafka does not answer';
  return (
    <div className="rail-foot" title={data.brokers.join(', ')}>
      main · {kafka}
      <br />
      {many(data.metrics, 'metric')} · {many(data.boards, 'board')}
      <br />
      Freshet {data.version}
      {data.demo ? ' · demo' : ''}
    </div>
  );
}
