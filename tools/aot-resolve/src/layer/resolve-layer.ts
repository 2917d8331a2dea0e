import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ageOf, aptVersion, dropDamagedIndices, holdRoot } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { cachePaths, defaultCachedir } from '@apt-ostree/manifest';
import type { Treefile } from '@apt-ostree/treefile';
import { type Archives, openSystem, refresh } from '../archives.ts';
import { checkLocked, type Locks, lockedVersions } from '../locks.ts';
import type { Args } from '../resolve.ts';
import type { Resolved } from '../resolved.ts';
import { recall, remember, solutionKey } from '../solution-cache.ts';
import { type Base, readBase, readRoot } from './base.ts';
import { takeLocal } from './local.ts';
import { type LayerRequest, solveLayer } from './solve-layer.ts';

/** Which architectures a commit's tree has: what a treefile for it is read with. */
export const baseArchitecture = (args: Args): string => baseOf(args).architectures[0] ?? 'amd64';

/** Resolves what a treefile layers on a base. */
export async function resolveLayer(
  args: Args,
  treefile: Treefile,
  sourceRoot: string,
  locks: Locks,
  context: Context,
): Promise<Resolved> {
  const cachedir = args.cachedir ?? defaultCachedir();
  const base = baseOf(args);
  const archives = await openSystem(
    treefile,
    base,
    cachedir,
    sourceRoot,
    args['treefile-archives'] ? undefined : resolve(args.system),
  );
  const local = await takeLocal(args.deb, cachedir, archives.options.architectures);
  const image = imageOf(args, treefile);
  const layer: LayerRequest = { base, image, locks, local, ...changesIn(args) };
  requireThere(layer);
  const held = await holdRoot(archives.root);
  try {
    if (isStale(archives, args)) await refresh(archives, args['cache-only'], context);
    const apt = await aptVersion();
    const asked = [
      base.commit,
      local.map(({ item }) => item.sha256),
      ...Object.values(changesIn(args)),
      args['base-digest'] ?? null,
      lockedVersions(locks),
    ];
    const key = solutionKey(archives.root, treefile, apt, asked);
    const known = recall(cachedir, key);
    if (known !== undefined) return checked(known, locks);
    if (existsSync(archives.root.lists) && dropDamagedIndices(archives.root))
      await refresh(archives, args['cache-only'], context);
    const resolved = await solveLayer(archives, treefile, layer, apt, context);
    remember(cachedir, key, resolved);
    return checked(resolved, locks);
  } finally {
    await held.release();
  }
}

const changesIn = ({ remove, removable, replace }: Args) => ({ remove, removable, replace });

function checked(resolved: Resolved, locks: Locks): Resolved {
  checkLocked(resolved, locks);
  return resolved;
}

/** Where the treefile starts from an image, the base is that. */
function imageOf(args: Args, treefile: Treefile): LayerRequest['image'] {
  const [reference, digest] = [treefile['base-image'], args['base-digest']];
  if (reference === undefined && digest === undefined) return undefined;
  if (reference !== undefined && isDigest(digest)) return { reference, digest };
  throw new AotError('usage', "option '--base-digest' goes with a treefile that has 'base-image', and is a digest", {
    hint: "as aot-ociimport writes it: 'sha256:' and 64 digits",
  });
}

const isDigest = (text: string | undefined): text is string => /^sha256:[0-9a-f]{64}$/.test(text ?? '');

const baseOf = (args: Args): Base =>
  args.base === undefined ? readRoot(args['base-root'] as string) : readBase(repoOf(args), args.base);

const repoOf = (args: Args): string => cachePaths(args.cachedir ?? defaultCachedir()).repo;

/** Without the network, what is there must do; else what is younger than --max-age. */
function isStale({ root }: Archives, args: Args): boolean {
  if (args['cache-only'] || args['max-age'] === undefined) return true;
  if (!/^\d{1,9}$/.test(args['max-age']))
    throw new AotError('usage', `option '--max-age' cannot be '${args['max-age']}'`, {
      hint: 'give a number of seconds',
    });
  return ageOf(root) > Number(args['max-age']);
}

/** Only what the base has can be removed or replaced. */
function requireThere({ base, remove, removable, replace }: LayerRequest): void {
  const names = new Set([...base.installed.values()].map((p) => p.name));
  const missing = [...remove, ...removable, ...replace].filter((name) => !names.has(name));
  if (missing.length === 0) return;
  throw new AotError('failed', `packages not in the base: ${missing.map((n) => `'${n}'`).join(', ')}`, {
    code: 'not-in-base',
    hint: "'apt-ostree db list COMMIT' lists what it has; layered packages are removed with 'apt-ostree uninstall'",
  });
}
