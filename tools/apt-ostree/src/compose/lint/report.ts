import type { Lint } from './lint.ts';

/** What a lint said. */
export interface Outcome {
  lint: Lint;
  /** Why it was not run. */
  skipped: string | undefined;
  found: string[];
}

/** A block for each lint that found something, and the counts. */
export function formatText(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter(({ found }) => found.length > 0);
  const skipped = outcomes.filter((outcome) => outcome.skipped !== undefined);
  const blocks = failed.map(({ lint, found }) =>
    [`${lint.severity}: ${lint.name}: ${lint.summary}`, ...found.map((text) => `  ${text}`)].join('\n'),
  );
  const counts = [
    `Passed: ${outcomes.length - failed.length - skipped.length}`,
    ...(skipped.length > 0 ? [`Skipped: ${skipped.length}`] : []),
    ...counted('Warnings', failed, 'warning'),
    ...counted('Errors', failed, 'error'),
  ];
  return `${[...blocks, ...counts].join('\n')}\n`;
}

function counted(title: string, failed: readonly Outcome[], severity: Lint['severity']): string[] {
  const count = failed.filter(({ lint }) => lint.severity === severity).length;
  return count === 0 ? [] : [`${title}: ${count}`];
}

export function formatJson(subject: string, outcomes: readonly Outcome[]): string {
  const lints = outcomes.map(({ lint, skipped, found }) => ({
    name: lint.name,
    severity: lint.severity,
    status: skipped !== undefined ? 'skipped' : found.length > 0 ? 'failed' : 'passed',
    ...(skipped === undefined ? {} : { reason: skipped }),
    ...(found.length === 0 ? {} : { found }),
  }));
  return `${JSON.stringify({ subject, lints }, null, 2)}\n`;
}

export function formatList(lints: readonly Lint[], json: boolean): string {
  if (json)
    return `${JSON.stringify(
      lints.map(({ name, severity, summary }) => ({ name, severity, summary })),
      null,
      2,
    )}\n`;
  const widest = Math.max(...lints.map(({ name }) => name.length));
  return lints.map((l) => `${l.name.padEnd(widest)}  ${l.severity.padEnd(7)}  ${l.summary}\n`).join('');
}
