import { basename } from 'node:path';
import { type PlanStep, packageId } from '@apt-ostree/manifest';
import { type Chosen, partsOf } from './chosen.ts';

/**
 * The dpkg calls that apt would make, from the text of `Debug::pkgDPkgPM`. The final `--configure --pending` is left out:
 * every consumer ends with dpkg's own `--configure -a`.
 */
export function parsePlan(text: string, chosen: readonly Chosen[]): PlanStep[] {
  const native = new Map(chosen.map((c) => [c.name, packageId(c)]));
  return text.split('\n').flatMap((line): PlanStep[] => {
    const words = line.trim().split(' ');
    if (!/\/dpkg$/.test(words[0] ?? '') || words.includes('--pending')) return [];
    if (words.includes('--unpack'))
      return [{ action: 'unpack', packages: words.filter((w) => w.endsWith('.deb')).map(archiveId) }];
    const id = (w: string): string => (w.includes(':') ? w : (native.get(w) ?? w));
    if (words.includes('--remove'))
      return [{ action: 'remove', packages: words.slice(words.indexOf('--remove') + 1).map(id) }];
    const at = words.indexOf('--configure');
    if (at < 0) return [];
    return [{ action: 'configure', packages: words.slice(at + 1).map(id) }];
  });
}

function archiveId(path: string): string {
  const [name, , architecture] = partsOf(basename(path));
  return packageId({ name, architecture });
}
