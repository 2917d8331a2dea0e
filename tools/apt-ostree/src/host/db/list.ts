import { AotError } from '@apt-ostree/errors';
import { fullName } from '../package-text.ts';
import { type Advisories, advisoriesIn, advisorySection } from './advisories.ts';
import type { ListArgs } from './command.ts';
import { resolveKnown } from './revision.ts';
import { label, type Named, named, openSource, type Source } from './source.ts';

/** `db list`: the packages of each revision, all or those that are named. */
export async function list(args: ListArgs): Promise<string> {
  const source = await openSource(args);
  const { revisions, patterns } = divide(source, args.revision);
  const commits = revisions.map((r) => named(source, r));
  for (const pattern of patterns) requireMatch(commits, pattern);
  const tests = patterns.map(matcher);
  const advisories = await advisoriesIn(source, args.advisories);
  return commits.map((c) => block(c, tests, advisories)).join('');
}

/** The first word that is no revision begins the patterns. */
function divide(source: Source, words: readonly string[]): { revisions: string[]; patterns: string[] } {
  const found = words.findIndex((w, i) => i > 0 && resolveKnown(source, w) === undefined);
  const at = found < 0 ? words.length : found;
  return { revisions: words.slice(0, at), patterns: words.slice(at) };
}

/** A mistyped revision must not pass for a pattern. */
function requireMatch(commits: readonly Named[], pattern: string): void {
  const test = matcher(pattern);
  if (commits.some((c) => c.packages.some((p) => test(p.name)))) return;
  throw new AotError('noInput', `cannot find '${pattern}': it is no revision, and no package has such a name`);
}

function matcher(pattern: string): (name: string) => boolean {
  if (!/[*?]/.test(pattern)) return (name) => name.startsWith(pattern);
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  return (name) => expression.test(name);
}

function block(commit: Named, tests: readonly ((name: string) => boolean)[], advisories: Advisories): string {
  const shown = commit.packages.filter((p) => tests.length === 0 || tests.some((t) => t(p.name)));
  const lines = [`ostree commit: ${label(commit)}`, ...shown.map((p) => ` ${fullName(p)}`), ''].join('\n');
  return lines + advisorySection(advisories(shown), ' ');
}
