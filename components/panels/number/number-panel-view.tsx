import { SPARK_BOX } from '#lib/panels/spark.ts';
import type { NumberPanelModel } from '#lib/panels/number-panel.ts';

function NoteView({ model }: { readonly model: NumberPanelModel }) {
  const { delta, note } = model;
  if (delta === null) return <p className="panel-note">{note}</p>;
  const equal = delta.arrow === '=';
  return (
    <p className="panel-note" title={delta.title}>
      <b>
        {equal ? '' : `${delta.arrow} ${delta.amount}`}
        {delta.verdict === '' ? '' : `, ${delta.verdict}`}
      </b>{' '}
      {delta.against}
    </p>
  );
}

/** Number, trend, what it says, and the foot with span, "as of", lag and owner. `text` is which of the model's texts fits. */
export function NumberPanelView({
  model,
  owner,
  updatedTitle,
  text,
}: {
  readonly model: NumberPanelModel;
  readonly owner: string;
  /** "Screen updated …": another instant than "data as of". */
  readonly updatedTitle: string;
  readonly text: number;
}) {
  const { head, mark } = model;
  const number = model.texts[text] ?? model.texts[2];
  return (
    <>
      <div className="number-row">
        <p
          className="number"
          data-dimmed={model.dimmed}
          data-struck={model.struck}
          data-mark={mark?.text ?? ''}
          title={`${model.title}\n${updatedTitle}`}
        >
          {number.before !== '' && <small className="before">{number.before}</small>}
          <data value={model.raw ?? ''} data-role="value">
            {number.digits}
          </data>
          {number.after !== '' && <small className="after">{number.after}</small>}
          {mark !== null && (
            <span className="number-mark" title={mark.title}>
              {mark.text}
            </span>
          )}
        </p>
        <svg
          className="spark"
          viewBox={`0 0 ${SPARK_BOX.width} ${SPARK_BOX.height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {model.spark !== null && <path d={model.spark} />}
        </svg>
      </div>
      <NoteView model={model} />
      <footer className="panel-foot number-foot">
        <span data-role="span">{model.spanText}</span>
        <span className="owner">{owner}</span>
        <span title={`${head.asOfTitle}\n${updatedTitle}`}>
          {[head.asOfText, head.lagText].filter((part) => part !== '').join(' · ')}
        </span>
      </footer>
    </>
  );
}
