import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { ostree } from '@apt-ostree/ostree';
import { parseAge } from './age.ts';
import type { PruneArgs } from './command.ts';
import { atLeastOne, count, history, listRefs, type Ref, requireRepository } from './repository.ts';

/** What stays: the newest so many of each ref, and what is younger than a time. */
interface Rule {
  keep: number | undefined;
  /** Seconds since the epoch. */
  since: number | undefined;
}

/** `compose repo prune`: one run of ostree, which removes what no ref keeps. */
export async function prune(args: PruneArgs, context: Context): Promise<string> {
  const rule = readRule(args);
  const repo = requireRepository(args.repo);
  const refs = await listRefs(repo);
  const plan = refs.map((ref) => ({ ref, ...split(repo, ref, rule) }));
  for (const { ref, kept, all } of plan) context.note(`${ref.name}: keeps ${kept} of ${count(all, 'commit')}`);
  const dry = args['dry-run'] ? ['--no-prune'] : [];
  const output = await ostree(
    repo,
    ['prune', ...dry, ...asOptions(rule, refs)],
    `cannot prune '${repo}'`,
    context.signal,
  );
  return report(output, args['dry-run']);
}

function readRule(args: PruneArgs): Rule {
  const keep = args.keep === undefined ? undefined : atLeastOne('--keep', args.keep);
  const age = args['older-than'];
  const since = age === undefined ? undefined : parseAge(age, Math.floor(Date.now() / 1000));
  if (keep !== undefined || since !== undefined) return { keep, since };
  throw new AotError('usage', 'option --keep or --older-than must be specified', {
    hint: 'nothing is removed unless it is said what stays',
  });
}

function split(repo: string, ref: Ref, { keep, since }: Rule): { kept: number; all: number } {
  const commits = history(repo, ref.commit);
  const young = since === undefined ? -1 : commits.findIndex(({ timestamp }) => timestamp < since);
  const byAge = since === undefined ? 0 : young < 0 ? commits.length : young;
  const kept = Math.min(commits.length, Math.max(1, keep ?? 0, byAge));
  return { kept, all: commits.length };
}

function asOptions({ keep, since }: Rule, refs: readonly Ref[]): string[] {
  if (since === undefined) return ['--refs-only', `--depth=${(keep as number) - 1}`];
  const depths = keep === undefined ? [] : refs.map(({ name }) => `--retain-branch-depth=${name}=${keep - 1}`);
  return ['--refs-only', `--keep-younger-than=@${since}`, ...depths];
}

/** ostree's own count, which also has what earlier runs left without a ref. */
function report(output: string, dryRun: boolean): string {
  const [, objects, size] =
    /(?:Deleted|Would delete:) (\d+) objects?, (?:freeing )?(.+?)(?: freed)?$/m.exec(output) ?? [];
  if (objects === undefined) return 'Nothing to prune\n';
  return `${dryRun ? 'Would remove' : 'Removed'}: ${count(Number(objects), 'object')}, ${size?.replace(/\s/g, ' ')}\n`;
}
