import { envSchema } from './load-config.ts';

/** README's table of settings in Markdown, one row per environment variable, in the order of the schema. */
export function settingsTable(): string {
  const rows = Object.entries(envSchema.shape).map(([name, schema]) => {
    const byDefault = defaultOf(schema);
    return `| \`${name}\` | ${byDefault === null ? '' : `\`${byDefault}\``} | ${schema.description ?? ''} |`;
  });
  return ['| setting | default | what it does |', '| --- | --- | --- |', ...rows].join('\n');
}

function defaultOf(schema: unknown): string | null {
  if (typeof schema !== 'object' || schema === null || !('def' in schema)) return null;
  const { def } = schema;
  if (typeof def !== 'object' || def === null || !('defaultValue' in def)) return null;
  return String(def.defaultValue);
}
