import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { type Origin, withoutTransient } from '@apt-ostree/host';
import type { CommitInfo } from '@apt-ostree/ostree';
import { nameOf, namesOf } from '../layer/local.ts';
import { type Edited, editRequests } from '../layer/requests.ts';
import { isFile, takeFile } from '../layer/take-file.ts';
import { fullName } from '../package-text.ts';

type Overrides = Origin['overrides'];

export interface OverrideEdit {
  /** Packages of the base that go. */
  remove: readonly string[];
  /** Files of packages, or with `from` names. */
  replace: readonly string[];
  /** `repo=NAME`. */
  from: string | undefined;
  /** Names whose overrides are taken back; or all of them. */
  reset: readonly string[] | 'all';
  install: readonly string[];
  uninstall: readonly string[];
}

/** The edit of a command about overrides; what it says of packages must be about the base. */
export const editingOverrides =
  (edit: OverrideEdit, context: Context) =>
  async (before: Origin, base: CommitInfo, cachedir: string): Promise<Edited> => {
    const requests = { install: edit.install, uninstall: edit.uninstall, idempotent: false };
    const { origin, added } = await editRequests(before, requests, cachedir, context);
    const files = edit.replace.filter((word) => edit.from === undefined || isFile(word));
    const named = edit.replace.filter((word) => !files.includes(word));
    for (const word of files) if (!isFile(word)) throw notLocal(word);
    const taken: string[] = [];
    for (const word of files) taken.push(await takeFile(word, cachedir, context));
    refuseSame(taken, base);
    requireInBase([...edit.remove, ...named, ...taken.map(nameOf)], base, before);
    const overrides = edit.reset === 'all' ? none() : withoutAll(origin.overrides, edit.reset);
    origin.overrides = put(overrides, edit.remove, taken, named, edit.from);
    return { origin: withoutTransient(origin), added };
  };

const none = (): Overrides => ({ remove: [], replaceLocal: [], replace: [] });

/** A new override of a package takes the place of an old one. */
function put(
  before: Overrides,
  remove: readonly string[],
  taken: readonly string[],
  named: readonly string[],
  from: string | undefined,
): Overrides {
  const rest = withoutOverrides(before, [...remove, ...taken.map(nameOf), ...named]);
  return {
    remove: [...rest.remove, ...remove],
    replaceLocal: [...rest.replaceLocal, ...taken],
    replace: named.length > 0 ? [...rest.replace, [from, ...named].join(',')] : rest.replace,
  };
}

/** @throws AotError `failed` for names that nothing is overridden of */
function withoutAll(overrides: Overrides, words: readonly string[]): Overrides {
  const lost = words.filter(
    (word) => JSON.stringify(withoutOverrides(overrides, [word])) === JSON.stringify(overrides),
  );
  if (lost.length === 0) return withoutOverrides(overrides, words);
  throw new AotError('failed', lost.map((word) => `No overrides for package '${word}'`).join('; '), {
    code: 'no-override',
    hint: "'apt-ostree status -v' shows the overrides",
  });
}

/** Overrides but for those of these packages, by name or, where they are files, by full name. */
export function withoutOverrides({ remove, replaceLocal, replace }: Overrides, words: readonly string[]): Overrides {
  return {
    remove: remove.filter((name) => !words.includes(name)),
    replaceLocal: replaceLocal.filter((r) => !words.includes(nameOf(r)) && !words.includes(namesOf(r))),
    replace: replace.flatMap((row) => {
      const [source, ...names] = row.split(',');
      const left = names.filter((name) => !words.includes(name));
      return left.length > 0 ? [[source, ...left].join(',')] : [];
    }),
  };
}

function requireInBase(names: readonly string[], base: CommitInfo, { packages }: Origin): void {
  const here = new Set((base.packages ?? []).map((p) => p.name));
  const missing = names.filter((name) => !here.has(name));
  if (missing.length === 0) return;
  const layered = missing.find((name) => packages.requested.includes(name));
  throw new AotError('failed', `packages not in the base: ${missing.map((n) => `'${n}'`).join(', ')}`, {
    code: 'not-in-base',
    hint: layered === undefined ? undefined : `'apt-ostree uninstall ${layered}' removes what is layered`,
  });
}

/** A replacement in the base's own version would be inactive from the start: dpkg takes the two for one. */
function refuseSame(taken: readonly string[], base: CommitInfo): void {
  const full = new Set((base.packages ?? []).map(fullName));
  const same = taken.map(namesOf).filter((name) => full.has(name));
  if (same.length === 0) return;
  throw new AotError('failed', `the base has these packages already: ${same.map((n) => `'${n}'`).join(', ')}`, {
    code: 'same-version',
    hint: "what is built anew needs a version of its own, as with '+local1' at its end",
  });
}

export const notLocal = (word: string): AotError =>
  new AotError('usage', `cannot replace '${word}': it is no file`, {
    code: 'not-local',
    hint: "give a .deb file or its URL; with '--experimental --from repo=SUITE' names of packages of that archive",
  });
