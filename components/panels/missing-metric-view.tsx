/** A panel whose metric does not exist, or may not be seen by this viewer: the same box, and what to do. */
export function MissingMetricView({
  panel,
  title,
  metric,
}: {
  readonly panel: string;
  readonly title: string;
  readonly metric: string;
}) {
  return (
    <section
      className="panel"
      role="region"
      aria-label={title}
      data-panel={panel}
      data-state="none"
    >
      <div className="panel-inside">
        <header className="panel-head">
          <h2 className="panel-title">{title}</h2>
        </header>
        <p className="panel-empty">
          There is no metric <b className="font-medium text-ink">{metric}</b>. Apply its definition
          with <code className="font-mono text-xs">npx freshet apply -f …</code>, or take the panel
          off the board.
        </p>
      </div>
    </section>
  );
}
