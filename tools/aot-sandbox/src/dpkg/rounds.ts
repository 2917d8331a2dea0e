import { join, resolve } from 'node:path';
import type { Bind } from '@apt-ostree/bwrap';
import { AotError } from '@apt-ostree/errors';
import type { PlanStep, RootfsManifest } from '@apt-ostree/manifest';

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
 * The rounds that make a tree. A compose has one. On a base there are as many as Pre-Depends ask for (policy 7.2): what apt
 * would configure before it unpacks a package that is left to dpkg is configured before, since that one's preinst may use
 * it. Packages in the tree already have no preinst that does anything.
 */
export function rounds(manifest: RootfsManifest, cachedir: string): Round[] {
  const archives = leftOvers(manifest, cachedir);
  const { base, plan, essential } = manifest;
  if (base === undefined) return [round([...archives.values()], [...essential, ...configured(plan)], essential)];
  const before = new Set<string>();
  return split(plan, archives).map((steps) => {
    const configure = configured(steps).filter((id) => !before.has(id));
    for (const id of configure) before.add(id);
    const unpack = steps.flatMap((step) => (step.action === 'unpack' ? step.packages : []));
    return round(
      unpack.flatMap((id) => archives.get(id) ?? []),
      configure,
      essential,
    );
  });
}

/** Cuts the plan where dpkg unpacks something after something was configured. */
function split(plan: readonly PlanStep[], archives: ReadonlyMap<string, Bind>): PlanStep[][] {
  const parts: PlanStep[][] = [[]];
  for (const step of plan) {
    const unpacks = step.action === 'unpack' && step.packages.some((id) => archives.has(id));
    if (unpacks && configured(parts.at(-1) ?? []).length > 0) parts.push([]);
    parts.at(-1)?.push(step);
  }
  return parts;
}

/** Each package once: dpkg refuses what is configured already. */
function round(unpack: Bind[], configure: readonly string[], essential: readonly string[]): Round {
  const first = new Set(essential);
  const once = [...new Set(configure)];
  return { unpack, essential: once.filter((id) => first.has(id)), rest: once.filter((id) => !first.has(id)) };
}

const configured = (steps: readonly PlanStep[]): string[] =>
  steps.flatMap((step) => (step.action === 'configure' ? step.packages : []));

/** The archives left to dpkg by name:architecture, in unpack order. */
function leftOvers(manifest: RootfsManifest, cachedir: string): Map<string, Bind> {
  const left = manifest.unpacked.filter((u) => u.leftOver);
  return new Map(
    left.map((u) => {
      if (u.file === undefined)
        throw new AotError('data', `cannot unpack '${u.package}': the manifest names no file for it`);
      const name = u.package.replaceAll(':', '_');
      return [u.package, { source: join(resolve(cachedir), u.file), target: `/run/archives/${name}.deb` }];
    }),
  );
}
