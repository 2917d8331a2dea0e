import { join, resolve } from 'node:path';
import type { Bind } from '@apt-ostree/bwrap';
import { AotError } from '@apt-ostree/errors';
import type { PlanStep, RootfsManifest } from '@apt-ostree/manifest';
import { Deb822Error, parseRelationships, type Relationship } from 'deb822';

/** What dpkg unpacks, and then configures, before it unpacks more. */
export interface Round {
  /** Archives left to dpkg, in apt's order, bound read-only where dpkg finds them. */
  unpack: Bind[];
  /** Packages of the Essential closure, because every other script may rely on them. */
  essential: string[];
  /** In apt's order, which decides the dynamic user ids. */
  rest: string[];
}

/**
 * The rounds that make a tree, so that a preinst finds configured what it may use: the Essential packages (policy 3.8), and
 * what its package says in Pre-Depends (policy 7.2), in apt's order. In a base Essential is configured already. Packages in
 * the tree already have no preinst that does anything.
 */
export function rounds(manifest: RootfsManifest, cachedir: string): Round[] {
  const left = leftOvers(manifest, cachedir);
  const { base, plan, essential } = manifest;
  const parts = base === undefined ? essentialFirst(plan, essential, left) : split(plan, left);
  const before = new Set<string>();
  return parts.map((steps) => {
    const configure = configured(steps).filter((id) => !before.has(id));
    for (const id of configure) before.add(id);
    const unpack = steps.flatMap((step) => (step.action === 'unpack' ? step.packages : []));
    return round(
      unpack.flatMap((id) => left.get(id)?.archive ?? []),
      configure,
      essential,
    );
  });
}

function essentialFirst(
  plan: readonly PlanStep[],
  essential: readonly string[],
  left: ReadonlyMap<string, LeftOver>,
): PlanStep[][] {
  const first = new Set(essential);
  const part = (of: (id: string) => boolean) =>
    plan.map(({ action, packages }) => ({ action, packages: packages.filter(of) }));
  const unpack = part((id) => first.has(id)).filter((step) => step.action === 'unpack');
  const configure: PlanStep = { action: 'configure', packages: [...essential] };
  return [
    [...unpack, configure],
    ...split(
      part((id) => !first.has(id)),
      left,
      essential,
    ),
  ];
}

/** Cuts the plan before each left-over that may need something of what is configured since the last cut. */
function split(
  plan: readonly PlanStep[],
  left: ReadonlyMap<string, LeftOver>,
  ready: readonly string[] = [],
): PlanStep[][] {
  const parts: PlanStep[][] = [[]];
  const done = new Set(ready.map(nameOf));
  let since: string[] = [];
  for (const step of plan) {
    if (step.action === 'configure') since.push(...step.packages.map(nameOf));
    if (step.action === 'unpack' && since.length > 0 && step.packages.some((id) => lacks(left.get(id), done))) {
      for (const name of since) done.add(name);
      since = [];
      parts.push([]);
    }
    parts.at(-1)?.push(step);
  }
  return parts;
}

/** Whether its Pre-Depends name anything but what is surely configured: what only a base has, or is virtual, or unknown. */
const lacks = (leftOver: LeftOver | undefined, done: ReadonlySet<string>): boolean =>
  leftOver !== undefined && (leftOver.preDepends?.some((choice) => !choice.some(({ name }) => done.has(name))) ?? true);

const nameOf = (id: string): string => id.slice(0, id.lastIndexOf(':'));

/** Each package once: dpkg refuses what is configured already. */
function round(unpack: Bind[], configure: readonly string[], essential: readonly string[]): Round {
  const first = new Set(essential);
  const once = [...new Set(configure)];
  return { unpack, essential: once.filter((id) => first.has(id)), rest: once.filter((id) => !first.has(id)) };
}

const configured = (steps: readonly PlanStep[]): string[] =>
  steps.flatMap((step) => (step.action === 'configure' ? step.packages : []));

/** A package that dpkg unpacks. */
interface LeftOver {
  archive: Bind;
  /** Undefined where the manifest does not tell. */
  preDepends: Relationship[][] | undefined;
}

/** By name:architecture. */
function leftOvers(manifest: RootfsManifest, cachedir: string): Map<string, LeftOver> {
  const left = manifest.unpacked.filter((u) => u.leftOver);
  return new Map(
    left.map(({ package: id, file, preDepends }) => {
      if (file === undefined) throw new AotError('data', `cannot unpack '${id}': the manifest names no file for it`);
      const target = `/run/archives/${id.replaceAll(':', '_')}.deb`;
      const archive = { source: join(resolve(cachedir), file), target };
      return [id, { archive, preDepends: preDepends === undefined ? undefined : parse(id, preDepends) }];
    }),
  );
}

function parse(id: string, preDepends: string): Relationship[][] {
  try {
    return parseRelationships(preDepends);
  } catch (error) {
    if (!(error instanceof Deb822Error)) throw error;
    throw new AotError('data', `cannot unpack '${id}': ${error.message}`, { code: 'invalid-package' });
  }
}
