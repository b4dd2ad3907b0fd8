import type { HopBar, WhyModel } from '#lib/panels/why-model.ts';

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;

function HopBarView({ bar }: { readonly bar: HopBar }) {
  const label = bar.parts
    .filter(({ share }) => share > 0)
    .map(({ name, share }) => `${name} ${Math.round(share * 100)} %`)
    .join(', ');
  return (
    <div className="hop-bar" role="img" aria-label={`The age to scale: ${label}`}>
      {bar.parts.map((part) => (
        <i
          key={part.name}
          title={part.name}
          style={{ width: percent(part.share), background: part.colour }}
        />
      ))}
      {bar.zero > 0 && <span className="hop-zero" style={{ left: percent(bar.zero) }} />}
      {bar.promise !== null && (
        <span className="hop-promise" style={{ left: percent(bar.promise) }}>
          <em>{bar.promiseText}</em>
        </span>
      )}
    </div>
  );
}

function HopTable({ model }: { readonly model: WhyModel }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Hop, last minute</th>
          <th scope="col" className="r">
            p50
          </th>
          <th scope="col" className="r">
            p95
          </th>
          <th scope="col">Who</th>
        </tr>
      </thead>
      <tbody>
        {model.hops.map((hop) => (
          <tr key={hop.name}>
            <td>
              <span className="hop-mark" style={{ background: hop.colour }} aria-hidden="true" />
              {hop.name} <span className="way">{hop.way}</span>
            </td>
            <td className="r">{hop.p50}</td>
            <td className="r">{hop.p95}</td>
            <td className="text-ink3">{hop.measured}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function PartitionTable({ model }: { readonly model: WhyModel }) {
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Partition</th>
            <th scope="col" className="r">
              Next
            </th>
            <th scope="col" className="r">
              End
            </th>
            <th scope="col" className="r">
              Stable
            </th>
            <th scope="col" className="r">
              Age
            </th>
            <th scope="col">How we know</th>
          </tr>
        </thead>
        <tbody>
          {model.partitions.map((row) => (
            <tr key={row.name}>
              <td>{row.name}</td>
              <td className="r">{row.next}</td>
              <td className="r">{row.end}</td>
              <td className="r">{row.stable}</td>
              <td className="r">{row.age}</td>
              <td>{row.how}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Why a panel is in its state: sentence, rule, hops to scale, partitions, and what to do. `asked` says how the details fare. */
export function WhyView({
  model,
  asked,
}: {
  readonly model: WhyModel;
  readonly asked: 'loading' | 'loaded' | 'failed';
}) {
  return (
    <div data-rule={model.code}>
      <h3>{model.headline}</h3>
      <p>
        {model.reason} {model.advice}
      </p>
      {model.bar !== null && <HopBarView bar={model.bar} />}
      <div className="scroll mt-3">
        <HopTable model={model} />
      </div>
      <div className="why-act">
        <span>
          Acts: <b>{model.owner}</b>
        </span>
        {model.runbook === null ? (
          <span className="text-ink3">no runbook</span>
        ) : (
          <a className="btn" href={model.runbook} target="_blank" rel="noreferrer">
            Runbook
          </a>
        )}
      </div>
      <h4>Partitions read</h4>
      {asked === 'loading' && <p>Asking the server…</p>}
      {asked === 'failed' && (
        <p>The server did not answer; what stands here is what was last known.</p>
      )}
      {model.partitions.length > 0 && <PartitionTable model={model} />}
      {asked === 'loaded' && model.partitions.length === 0 && <p>No partition is known yet.</p>}
      {model.counts.length > 0 && (
        <>
          <h4>Events since the start</h4>
          <div className="why-counts">
            {model.counts.map(({ name, count }) => (
              <span key={name}>
                <b>{count}</b> {name}
              </span>
            ))}
          </div>
        </>
      )}
      <h4>The rule that fired</h4>
      <p>{model.rule}</p>
      <p className="text-ink3">{model.clock}</p>
    </div>
  );
}
