import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { type Origin, withoutTransient } from '@apt-ostree/host';
import type { CommitInfo } from '@apt-ostree/ostree';
import { nameOf, namesOf } from '../layer/local.ts';
import { type Edited, editRequests } from '../layer/requests.ts';
import { isFile, takeFile } from '../layer/take-file.ts';

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
    requireInBase([...edit.remove, ...named, ...taken.map(nameOf)], base, before);
    const overrides = edit.reset === 'all' ? none() : without(origin.overrides, edit.reset, true);
    origin.overrides = put(overrides, edit.remove, taken, named, edit.from);
    const changed =
      JSON.stringify([origin.packages, origin.overrides]) !== JSON.stringify([before.packages, before.overrides]);
    return { origin: withoutTransient(origin), added, changed };
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
  const rest = without(before, [...remove, ...taken.map(nameOf), ...named], false);
  return {
    remove: [...rest.remove, ...remove],
    replaceLocal: [...rest.replaceLocal, ...taken],
    replace: named.length > 0 ? [...rest.replace, [from, ...named].join(',')] : rest.replace,
  };
}

/** @throws AotError `failed` for a name that nothing is overridden of, where one must be */
function without(overrides: Overrides, words: readonly string[], must: boolean): Overrides {
  let { remove, replaceLocal, replace } = overrides;
  for (const word of words) {
    const before = JSON.stringify([remove, replaceLocal, replace]);
    remove = remove.filter((name) => name !== word);
    replaceLocal = replaceLocal.filter((request) => nameOf(request) !== word && namesOf(request) !== word);
    replace = replace.flatMap((row) => {
      const [source, ...names] = row.split(',');
      const left = names.filter((name) => name !== word);
      return left.length > 0 ? [[source, ...left].join(',')] : [];
    });
    if (must && JSON.stringify([remove, replaceLocal, replace]) === before)
      throw new AotError('failed', `No overrides for package '${word}'`, {
        code: 'no-override',
        hint: "'apt-ostree status -v' shows the overrides",
      });
  }
  return { remove, replaceLocal, replace };
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

export const notLocal = (word: string): AotError =>
  new AotError('usage', `cannot replace '${word}': it is no file`, {
    code: 'not-local',
    hint: "give a .deb file or its URL; with '--experimental --from repo=SUITE' names of packages of that archive",
  });
