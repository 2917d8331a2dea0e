import type { Solution } from '@apt-ostree/apt';
import { AotError } from '@apt-ostree/errors';
import { packageId } from '@apt-ostree/manifest';
import { compareVersions } from 'deb-version';
import type { Base, BasePackage } from './base.ts';

/** What a solution would do to packages of the base. */
export interface BaseChanges {
  removed: BasePackage[];
  changed: { from: BasePackage; to: string }[];
}

export function baseChanges(solution: Solution, base: Base): BaseChanges {
  const native = base.architectures[0] ?? '';
  const find = (id: string) =>
    [id, `${id}:${native}`, `${id}:all`].map((name) => base.installed.get(name)).find((p) => p !== undefined);
  return {
    removed: solution.removed.flatMap((name) => find(name) ?? []),
    changed: solution.chosen.flatMap((c) => {
      const from = base.installed.get(packageId(c)) ?? moved(c.name, c.architecture, base);
      return from === undefined ? [] : [{ from, to: c.version }];
    }),
  };
}

/** A package may go from one architecture to `all`, or back, and is the same. */
function moved(name: string, architecture: string, { installed, architectures }: Base): BasePackage | undefined {
  const native = architectures[0] ?? '';
  if (architecture === 'all') return installed.get(`${name}:${native}`);
  return architecture === native ? installed.get(`${name}:all`) : undefined;
}

/** Without those that were asked for by name: overrides. */
export const exceptFor = ({ removed, changed }: BaseChanges, names: ReadonlySet<string>): BaseChanges => ({
  removed: removed.filter((p) => !names.has(p.name)),
  changed: changed.filter(({ from }) => !names.has(from.name)),
});

/**
 * A layer adds to the base and leaves it alone.
 * @throws AotError `failed` naming every package of the base that would be removed or replaced
 */
export function refuseChanges({ removed, changed }: BaseChanges, requests: readonly string[]): void {
  if (removed.length + changed.length === 0) return;
  const verb = ({ from, to }: BaseChanges['changed'][number]) =>
    compareVersions(to, from.version) < 0 ? 'downgraded' : 'upgraded';
  const lines = [
    ...removed.map((p) => `'${p.name}' ${p.version} would be removed`),
    ...changed.map((c) => `'${c.from.name}' ${c.from.version} would be ${verb(c)} to ${c.to}`),
  ];
  const what = requests.map((r) => `'${r}'`).join(', ');
  throw new AotError('failed', `cannot layer ${what}: packages of the base would change: ${lines.join('; ')}`, {
    code: 'base-change',
    hint: "upgrade or rebase to a base that fits, ask for another version, or change the base with 'apt-ostree override'",
  });
}
