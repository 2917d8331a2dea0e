import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { ostree } from '@apt-ostree/ostree';
import type { DeltasArgs } from './command.ts';
import { atLeastOne, chooseRefs, count, history, type Ref, requireRepository } from './repository.ts';

/** What a delta leads from (nothing, for one from scratch) and to. */
interface Delta {
  from: string | undefined;
  to: string;
}

const nameOf = ({ from, to }: Delta): string => (from === undefined ? to : `${from}-${to}`);

/** `compose repo deltas`: those that are missing are made, then those that are not wanted any more go. */
export async function deltas(args: DeltasArgs, context: Context): Promise<string> {
  const max = atLeastOne('--max', args.max);
  const repo = requireRepository(args.repo);
  const refs = await chooseRefs(repo, args.ref);
  const wanted = refs.flatMap((ref) => wantedOf(repo, ref, max, args['from-scratch']));
  const there = await list(repo);
  const missing = unique(wanted).filter((delta) => !there.includes(nameOf(delta)));
  for (const delta of missing) await generate(repo, delta, context);
  const old = there.filter((name) => isOld(name, wanted, args.ref.length === 0 ? undefined : targets(repo, refs)));
  for (const name of old) await ostree(repo, ['static-delta', 'delete', name], `cannot remove the delta '${name}'`);
  if (missing.length + old.length === 0) return 'Nothing to do: the deltas are up to date\n';
  if (existsSync(join(repo, 'summary')))
    context.note("the summary does not know: update it with 'apt-ostree compose repo summary'");
  return `Made: ${count(missing.length, 'delta')}\nRemoved: ${count(old.length, 'delta')}\n`;
}

function wantedOf(repo: string, ref: Ref, max: number, scratch: boolean): Delta[] {
  const before = history(repo, ref.commit).slice(1, max + 1);
  const deltas: Delta[] = before.map(({ commit }) => ({ from: commit, to: ref.commit }));
  return scratch ? [...deltas, { from: undefined, to: ref.commit }] : deltas;
}

/** Refs may name the same commit. */
const unique = (all: Delta[]): Delta[] => [...new Map(all.map((delta) => [nameOf(delta), delta])).values()];

async function list(repo: string): Promise<string[]> {
  const output = await ostree(repo, ['static-delta', 'list'], `cannot list the deltas of '${repo}'`);
  return output.split('\n').filter((line) => /^[0-9a-f]{64}(?:-[0-9a-f]{64})?$/.test(line));
}

async function generate(repo: string, delta: Delta, context: Context): Promise<void> {
  const from = delta.from === undefined ? ['--empty'] : [`--from=${delta.from}`];
  context.note(`delta ${delta.from?.slice(0, 12) ?? 'from scratch'} to ${delta.to.slice(0, 12)}`);
  const args = ['static-delta', 'generate', ...from, `--to=${delta.to}`];
  await ostree(repo, args, `cannot make a delta to '${delta.to}'`, context.signal);
}

/** The commits of the refs that were named: deltas to others are none of this run's business. */
const targets = (repo: string, refs: readonly Ref[]): Set<string> =>
  new Set(refs.flatMap((ref) => history(repo, ref.commit).map(({ commit }) => commit)));

function isOld(name: string, wanted: readonly Delta[], ours: Set<string> | undefined): boolean {
  if (wanted.some((delta) => nameOf(delta) === name)) return false;
  return ours === undefined || ours.has(name.slice(-64));
}
