import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { LintArgs } from './command.ts';
import type { Lint, Subject } from './lint.ts';
import { LINTS } from './lints/table.ts';
import { openSubject } from './load/subject.ts';
import { formatJson, formatList, formatText, type Outcome } from './report.ts';

/** `compose lint`: the report on standard output, and failure for errors. */
export async function runLint(args: LintArgs, context: Context): Promise<string | undefined> {
  checkSkips(args.skip);
  if (args.list) return formatList(LINTS, args.json);
  const { subject, close } = await openSubject(args, context);
  let outcomes: Outcome[];
  try {
    outcomes = await judge(subject, LINTS, args.skip, context.signal);
  } finally {
    await close();
  }
  context.write(args.json ? formatJson(subject.name, outcomes) : formatText(outcomes));
  fail(subject.name, outcomes, args['fatal-warnings']);
  return undefined;
}

function checkSkips(names: readonly string[]): void {
  const unknown = names.find((name) => !LINTS.some((lint) => lint.name === name));
  if (unknown === undefined) return;
  throw new AotError('usage', `unknown lint '${unknown}'`, { hint: "'apt-ostree compose lint --list' has them all" });
}

/** Runs lints on a subject, in their order. */
export async function judge(
  subject: Subject,
  lints: readonly Lint[],
  skip: readonly string[],
  signal?: AbortSignal,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const lint of lints) {
    signal?.throwIfAborted();
    const skipped = skip.includes(lint.name) ? 'left out' : lint.skips?.(subject);
    outcomes.push({ lint, skipped, found: skipped === undefined ? await lint.check(subject) : [] });
  }
  return outcomes;
}

function fail(name: string, outcomes: readonly Outcome[], fatalWarnings: boolean): void {
  const failed = outcomes.filter(({ found }) => found.length > 0).map(({ lint }) => lint);
  const errors = failed.filter((lint) => lint.severity === 'error').length;
  const warnings = failed.length - errors;
  if (errors === 0 && !(fatalWarnings && warnings > 0)) return;
  const counts = [count(errors, 'error'), count(warnings, 'warning')].filter((text) => text !== '').join(' and ');
  throw new AotError('failed', `'${name}' has ${counts}`, { code: 'lint' });
}

const count = (n: number, what: string): string => (n === 0 ? '' : `${n} ${what}${n === 1 ? '' : 's'}`);
