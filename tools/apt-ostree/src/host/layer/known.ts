import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptRun } from '@apt-ostree/manifest';
import { type BareRepo, openBareRepo } from '@apt-ostree/ostree';
import { makeDirectories, replaceFile, replaceWith } from '@apt-ostree/run';

/** How many layered commits that are not deployed any more are kept: those used last. */
const KEPT = 3;

/** What is remembered of a layered commit. */
export interface Layer {
  commit: string;
  /** SHA-256 of every package in it. */
  archives: string[];
  scripts: ScriptRun[];
}

const directory = (cachedir: string): string => join(cachedir, 'layers');
const fileOf = (cachedir: string, key: string): string => join(directory(cachedir), `${key}.json`);
const printedOf = (cachedir: string, key: string): string => join(directory(cachedir), `${key}.printed`);
const keyOf = (name: string): string => name.slice(0, -'.json'.length);
const refOf = (key: string): string => `aot/layer/${key}`;

/** The layered commit that the same inputs made before, if it is still there. */
export function knownLayer(cachedir: string, repo: string, key: string): Layer | undefined {
  const layer = read<Layer>(fileOf(cachedir, key));
  if (layer === undefined || !isCommit(repo, layer.commit)) return undefined;
  const now = new Date();
  utimesSync(fileOf(cachedir, key), now, now);
  return layer;
}

/** Every layered commit that is remembered. */
export const knownLayers = (cachedir: string): Layer[] =>
  names(cachedir).flatMap((name) => read<Layer>(join(directory(cachedir), name)) ?? []);

/** The script record of a layered commit, while it is remembered; for root with what the scripts printed. */
export function scriptsOf(cachedir: string, commit: string): ScriptRun[] | undefined {
  for (const name of names(cachedir)) {
    const layer = read<Layer>(join(directory(cachedir), name));
    if (layer?.commit !== commit) continue;
    const printed = read<Printed>(printedOf(cachedir, keyOf(name))) ?? [];
    return layer.scripts.map((run, i) => (printed[i] == null ? run : { ...run, output: printed[i] }));
  }
  return undefined;
}

/** What each script of a layer printed. It may be a password, so only root can read it. */
type Printed = (string | null)[];

/** Remembers a layered commit. A ref keeps it from being pruned; those used longest ago lose theirs. */
export async function rememberLayer(cachedir: string, repo: string, key: string, layer: Layer): Promise<void> {
  makeDirectories(directory(cachedir));
  const printed: Printed = layer.scripts.map(({ output }) => output ?? null);
  const scripts = layer.scripts.map(({ output: _, ...run }) => run);
  replaceWith(printedOf(cachedir, key), (file) => writeFileSync(file, JSON.stringify(printed), { mode: 0o600 }));
  replaceFile(fileOf(cachedir, key), JSON.stringify({ ...layer, scripts }));
  (await openBareRepo(repo)).setRef(refOf(key), layer.commit);
}

/** Forgets layers beyond those that are deployed and those used last, and then packages that are in none of them. */
export async function forgetOld(cachedir: string, repoPath: string, deployed: ReadonlySet<string>): Promise<void> {
  if (!existsSync(directory(cachedir))) return;
  const repo = await openBareRepo(repoPath);
  const age = (name: string) => statSync(join(directory(cachedir), name)).mtimeMs;
  const all = names(cachedir).sort((a, b) => age(b) - age(a));
  const idle = all.filter((name) => !deployed.has(read<Layer>(join(directory(cachedir), name))?.commit ?? ''));
  for (const name of idle.slice(KEPT)) {
    rmSync(join(directory(cachedir), name), { force: true });
    rmSync(printedOf(cachedir, keyOf(name)), { force: true });
    rmSync(join(repo.path, 'refs/heads', refOf(keyOf(name))), { force: true });
  }
  forgetPackages(cachedir, repo);
}

function forgetPackages(cachedir: string, repo: BareRepo): void {
  const used = new Set(knownLayers(cachedir).flatMap((layer) => layer.archives));
  const top = join(repo.path, 'refs/heads/aot/pkg');
  for (const start of list(top))
    for (const sha256 of list(join(top, start)))
      if (!used.has(sha256)) rmSync(join(top, start, sha256), { force: true });
  for (const name of list(join(cachedir, 'imported')))
    if (!used.has(name.replace(/\.json$/, ''))) rmSync(join(cachedir, 'imported', name), { force: true });
}

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

const isCommit = (repo: string, commit: string): boolean =>
  existsSync(join(repo, 'objects', commit.slice(0, 2), `${commit.slice(2)}.commit`));

const names = (cachedir: string): string[] => list(directory(cachedir)).filter((name) => name.endsWith('.json'));

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
