import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { layeringLocked, type Origin, readConfiguration, withoutTransient } from '@apt-ostree/host';
import type { CommitInfo } from '@apt-ostree/ostree';
import { CONFIGURATION } from '@apt-ostree/pipeline';
import { formatPackageRequest, parsePackageRequest } from '@apt-ostree/treefile/flat';
import { nameOf, namesOf } from './local.ts';
import { isFile, takeFile } from './take-file.ts';

export interface Edit {
  install: readonly string[];
  uninstall: readonly string[];
  /** Take all layered packages out first. */
  all?: boolean;
  /** What is asked for already, or not any more, is no error. */
  idempotent: boolean;
  /** Packages from files may replace files of others. */
  forceReplacefiles?: boolean;
}

export interface Edited {
  origin: Origin;
  /** Requests that were not there before, of packages from archives. */
  added: string[];
}

/** The origin with packages asked for and not asked for any more. Files are taken into the cache. */
export async function editRequests(before: Origin, edit: Edit, cachedir: string, context: Context): Promise<Edited> {
  if (edit.install.length > 0) refuseLocked();
  const origin: Origin = { ...withoutTransient(before), packages: copy(before.packages) };
  if (edit.all) origin.packages = { requested: [], requestedLocal: [], requestedLocalFileoverride: [] };
  const absent = edit.uninstall.filter((word) => !take(origin, word));
  if (absent.length > 0 && !edit.idempotent) throw notRequested(absent);
  const added: string[] = [];
  const present: string[] = [];
  for (const word of edit.install) {
    if (isFile(word)) await addFile(origin, word, edit, cachedir, context);
    else (add(origin, requestOf(word)) ? added : present).push(requestOf(word));
  }
  if (present.length > 0 && !edit.idempotent) throw alreadyRequested(present);
  return { origin, added };
}

/** Whether two origins layer and override the same. */
export const sameRequests = (a: Origin, b: Origin): boolean =>
  JSON.stringify([a.packages, a.overrides]) === JSON.stringify([b.packages, b.overrides]);

function refuseLocked(): void {
  if (!readConfiguration(CONFIGURATION).lockLayering) return;
  throw layeringLocked();
}

/** The same, as the edit of a command that does nothing else to the origin. */
export const editingRequests =
  (edit: Edit, context: Context) =>
  (before: Origin, _base: CommitInfo, cachedir: string): Promise<Edited> =>
    editRequests(before, edit, cachedir, context);

const copy = ({ requested, requestedLocal, requestedLocalFileoverride }: Origin['packages']): Origin['packages'] => ({
  requested: [...requested],
  requestedLocal: [...requestedLocal],
  requestedLocalFileoverride: [...requestedLocalFileoverride],
});

/**
 * A package of the archives as an origin names it.
 * @throws AotError `usage` for a word that names none
 */
export function requestOf(word: string): string {
  const request = parsePackageRequest(word);
  if (request === undefined)
    throw new AotError('usage', `cannot layer '${word}': it is no package`, {
      code: 'bad-package',
      hint: 'give NAME, NAME=VERSION, NAME/SUITE, NAME:ARCHITECTURE, or a file that ends in .deb',
    });
  return formatPackageRequest(request);
}

function add({ packages }: Origin, request: string): boolean {
  if (packages.requested.includes(request) || locals(packages).some((r) => nameOf(r) === request)) return false;
  packages.requested.push(request);
  return true;
}

const alreadyRequested = (requests: readonly string[]): AotError =>
  new AotError('failed', requests.map((r) => `Package/capability '${r}' is already requested`).join('; '), {
    code: 'already-requested',
    hint: "with '--idempotent' that is no error",
  });

const locals = (p: Origin['packages']): string[] => [...p.requestedLocal, ...p.requestedLocalFileoverride];

async function addFile(origin: Origin, word: string, edit: Edit, cachedir: string, context: Context): Promise<void> {
  const request = await takeFile(word, cachedir, context);
  const { packages } = origin;
  const rival = locals(packages).find((r) => nameOf(r) === nameOf(request));
  if (rival === request && edit.idempotent) return;
  if (rival !== undefined || packages.requested.includes(nameOf(request)))
    throw new AotError('failed', `Package '${namesOf(rival ?? request)}' is already requested`, {
      code: 'already-requested',
      hint: `'apt-ostree uninstall ${nameOf(request)}' takes it out first`,
    });
  packages[edit.forceReplacefiles ? 'requestedLocalFileoverride' : 'requestedLocal'].push(request);
}

/** By the request, or by a package's name, or a local one also by its full name. */
function take({ packages }: Origin, word: string): boolean {
  const is = (request: string) => request === word || parsePackageRequest(request)?.name === word;
  const isLocal = (request: string) => nameOf(request) === word || namesOf(request) === word;
  const left: Origin['packages'] = {
    requested: packages.requested.filter((r) => !is(r)),
    requestedLocal: packages.requestedLocal.filter((r) => !isLocal(r)),
    requestedLocalFileoverride: packages.requestedLocalFileoverride.filter((r) => !isLocal(r)),
  };
  const isThere = JSON.stringify(left) !== JSON.stringify(packages);
  Object.assign(packages, left);
  return isThere;
}

const notRequested = (words: readonly string[]): AotError =>
  new AotError('failed', words.map((w) => `Package/capability '${w}' is not currently requested`).join('; '), {
    code: 'not-requested',
    hint: "'apt-ostree status' shows what is; packages of the base go with 'apt-ostree override remove'",
  });
