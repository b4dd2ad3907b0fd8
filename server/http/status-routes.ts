import type { Status } from '#lib/contracts/rest.ts';
import { stateAt } from '#lib/freshness/state.ts';
import { collection, demand } from '#server/http/may.ts';
import { PROMETHEUS_TYPE, prometheusText, type Family } from '#server/http/prometheus-text.ts';
import type { Rest, RestParts } from '#server/http/rest-parts.ts';

/** GET /api/v1/status, /healthz, /readyz and /metrics. */
export function statusRoutes(rest: Rest, parts: RestParts): void {
  const { viewerOf, status, notReady } = parts;

  rest.get('/api/v1/status', (c) => {
    demand(viewerOf, c, 'view', collection('status'));
    return c.json<Status>(status());
  });

  // Says that the event loop turns, and nothing else; so it asks nobody.
  rest.get('/healthz', (c) => c.json({ alive: true }));

  rest.get('/readyz', (c) => {
    demand(viewerOf, c, 'view', collection('status'));
    const reasons = notReady();
    return c.json({ ready: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503);
  });

  rest.get('/metrics', (c) => {
    demand(viewerOf, c, 'view', collection('status'));
    c.header('content-type', PROMETHEUS_TYPE);
    return c.body(prometheusText(families(parts)));
  });
}

function families({ view, definitions, status }: RestParts): Family[] {
  const { screens, counts } = status();
  const now = view.clusterNow();
  const ages = definitions.metrics().flatMap(({ metadata: { name } }) => {
    if (now === null) return [];
    const { ageMs } = stateAt(view.facts(name), now.at, now.errorMs, { kind: 'connected' });
    // What is not known has no sample: an invented age would be believed.
    return ageMs === null ? [] : [{ labels: { metric: name }, value: ageMs / 1_000 }];
  });
  return [
    {
      name: 'freshet_metric_age_seconds',
      type: 'gauge',
      help: 'Cluster time since everything appended is in the value. Absent while unknown.',
      samples: ages,
    },
    {
      name: 'freshet_screens',
      type: 'gauge',
      help: 'Connections that show a board.',
      samples: [{ value: screens }],
    },
    {
      name: 'freshet_values_total',
      type: 'counter',
      help: 'Metric records read since the start.',
      samples: [{ value: counts.values }],
    },
    {
      name: 'freshet_fenced_total',
      type: 'counter',
      help: 'Metric records dropped because another computer holds the claim.',
      samples: [{ value: counts.fenced }],
    },
    {
      name: 'freshet_invalid_total',
      type: 'counter',
      help: 'Metric records that do not match the contract.',
      samples: [{ value: counts.invalid }],
    },
  ];
}
