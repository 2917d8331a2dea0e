import type { PackageIndex } from '@apt-ostree/apt';
import { AotError } from '@apt-ostree/errors';
import type { Treefile } from '@apt-ostree/treefile';

/**
 * The Essential packages, which are part of every system and are not declared as dependencies. See Debian policy
 * section 3.8.
 * @throws AotError `failed` when the treefile excludes one
 */
export function essentialNames(index: PackageIndex, native: string, treefile: Treefile): string[] {
  const records = index
    .withLine('Essential: yes')
    .filter(({ stanza }) => [native, 'all'].includes(stanza.get('Architecture') ?? ''));
  const names = [...new Set(records.map(({ stanza }) => stanza.get('Package') ?? ''))].sort();
  const excluded = (treefile['exclude-packages'] ?? []).filter((name) => names.includes(name));
  if (excluded.length === 0) return names;
  throw new AotError('failed', `cannot exclude ${excluded.map((n) => `'${n}'`).join(', ')}: every system needs it`, {
    code: 'essential-excluded',
    hint: "take it out of 'exclude-packages'; remove-from-packages and remove-files can drop files",
  });
}
