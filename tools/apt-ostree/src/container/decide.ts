import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { type Package, readConfiguration } from '@apt-ostree/host';
import { type ArchivesManifest, archivePath, type PackagesManifest, parseManifest } from '@apt-ostree/manifest';
import { CONFIGURATION } from '@apt-ostree/pipeline';
import { sweep, temporaryDirectory } from '@apt-ostree/run';
import type { LoadedTreefile, Treefile } from '@apt-ostree/treefile';
import type { Session } from '../compose/session.ts';
import { flag } from '../compose/stage-arguments.ts';
import { digestOf, nameOf } from '../host/layer/local.ts';
import { FRESH, openStages } from '../host/layer/stages.ts';
import { isFile, takeFile } from '../host/layer/take-file.ts';
import type { FromRepo } from '../host/layer/treefile.ts';

/** What is asked of the packages of this container. */
export interface Request {
  /** From archives, as a treefile names them, or files and URLs. */
  install: readonly string[];
  /** What is there and goes; what needs it has to be named too. */
  remove: readonly string[];
  /** The same, with its configuration. */
  purge: readonly string[];
  /** What goes too where nothing needs it any more, with its configuration. */
  removable: readonly string[];
  /** Files of packages that take the place of what is there. */
  replace: readonly string[];
  /** The same from a source or a suite. */
  replaceFrom: readonly FromRepo[];
  /** A treefile whose archives and recommendations count. */
  treefile?: LoadedTreefile | undefined;
  offline: boolean;
}

/** What apt decided. */
export interface Decided {
  packages: PackagesManifest;
  /** Brings the packages, verified. */
  fetch(): Promise<ArchivesManifest>;
}

/** Lets apt decide, by the programs that decide on layers, and hands the answer on while their files are there. */
export async function decide<T>(
  request: Request,
  installed: readonly Package[],
  cachedir: string,
  context: Context,
  work: (decided: Decided) => Promise<T>,
): Promise<T> {
  await sweep(join(cachedir, 'tmp'));
  const scratch = await temporaryDirectory(join(cachedir, 'tmp'));
  try {
    const files = { install: await take(request.install), replace: await take(request.replace) };
    const replaced = [...files.replace.map(nameOf), ...request.replaceFrom.flatMap(({ packages }) => packages)];
    requireThere([...request.remove, ...request.purge, ...replaced], installed);
    const treefile = treefileOf(request);
    const { session } = openStages(treefile, cachedir, context, { system: '/', offline: false, refresh: false });
    const args = [
      ...['--base-root', '/', '--max-age', String(FRESH)],
      ...(ownArchives(request) ? ['--treefile-archives'] : ['--system', '/']),
      ...flag('cache-only', request.offline),
      ...flag(
        'deb',
        [...files.install, ...files.replace].map((r) => join(cachedir, archivePath(digestOf(r)))),
      ),
      ...flag('remove', [...request.remove, ...request.purge]),
      ...flag('removable', request.removable),
      ...flag('replace', replaced),
      treefileIn(scratch.path, treefile, request),
    ];
    const text = await stage(session, 'resolve', args);
    const packages = parseManifest(text, ['aot.packages/v1'], 'aot-resolve');
    return await work({ packages, fetch: () => fetch(request, session, scratch.path, text) });
  } finally {
    await scratch.remove();
  }

  async function take(words: readonly string[]): Promise<string[]> {
    const taken: string[] = [];
    for (const word of words.filter(isFile)) taken.push(await takeFile(word, cachedir, context));
    return taken;
  }
}

const ownArchives = ({ treefile }: Request): boolean => (treefile?.treefile.repos ?? []).length > 0;

function treefileOf({ treefile, install, replaceFrom }: Request): Record<string, unknown> {
  const given: Partial<Treefile> = treefile?.treefile ?? {};
  const byDefault = readConfiguration(CONFIGURATION).recommends ?? true;
  return {
    'repo-metadata': 'disabled',
    ...(given.repos === undefined ? {} : { repos: given.repos, 'machine-repos': given['machine-repos'] ?? false }),
    recommends: given.recommends ?? byDefault,
    packages: install.filter((word) => !isFile(word)),
    ...(replaceFrom.length === 0 ? {} : { 'repo-packages': replaceFrom }),
  };
}

/** Writes it, with the files that it names beside it. */
function treefileIn(directory: string, treefile: Record<string, unknown>, { treefile: given }: Request): string {
  for (const { path } of given?.inputs ?? []) cpSync(join(given?.sourceRoot ?? '', path), join(directory, path));
  const file = join(directory, 'treefile.json');
  writeFileSync(file, JSON.stringify(treefile));
  return file;
}

async function fetch(request: Request, session: Session, directory: string, input: string): Promise<ArchivesManifest> {
  const place = ownArchives(request) ? ['--source-root', directory] : ['--system', '/'];
  const text = await stage(session, 'fetch', [...place, ...flag('offline', request.offline)], input);
  return parseManifest(text, ['aot.archives/v1'], 'aot-fetch');
}

const stage = (session: Session, name: 'resolve' | 'fetch', args: string[], input?: string): Promise<string> =>
  session.pipe(
    session.chosen.stages(name, ['--cachedir', session.cachedir, ...args]),
    input === undefined ? {} : { input },
  );

function requireThere(names: readonly string[], installed: readonly Package[]): void {
  const here = new Set(installed.map((p) => p.name));
  const missing = names.filter((name) => !here.has(name));
  if (missing.length === 0) return;
  throw new AotError('failed', `packages not installed: ${missing.map((n) => `'${n}'`).join(', ')}`, {
    code: 'not-in-base',
    hint: "'dpkg --list' shows what is",
  });
}
