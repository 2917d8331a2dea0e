import type { CommittedPackage } from '@apt-ostree/ostree';
import { fullName } from '../package-text.ts';
import type { Plan } from './layer.ts';

/** What would be done, as rpm-ostree lists a transaction. */
export function transactionText({ layer }: Plan, base: readonly CommittedPackage[]): string {
  if (layer === undefined) return '';
  const { packages } = layer;
  const before = new Map(base.map((p) => [p.name, p]));
  const gone = packages.plan.flatMap((step) => (step.action === 'remove' ? step.packages : []));
  const names = new Set(packages.packages.map((p) => p.name));
  const from = (id: string) => packages.packages.find((p) => `${p.name}:${p.architecture}` === id)?.source.id ?? '';
  const line = (p: { name: string; version: string; architecture: string }) =>
    `  ${fullName(p)} (${from(`${p.name}:${p.architecture}`)})`;
  const added = packages.packages.filter((p) => !before.has(p.name)).map(line);
  const replaced = packages.packages.filter((p) => before.has(p.name)).map(line);
  const removed = gone.flatMap((id) => {
    const old = before.get(id.split(':')[0] ?? '');
    return old === undefined || names.has(old.name) ? [] : [`  ${fullName(old)}`];
  });
  return [section('Installing', added), section('Replacing', replaced), section('Removing', removed)].join('');
}

const section = (verb: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `${verb} ${lines.length} package${lines.length === 1 ? '' : 's'}:\n${lines.join('\n')}\n`;

export const DRY_RUN_ENDS = "Exiting because of '--dry-run' option\n";
