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
    const at = words.indexOf('--configure');
    if (at < 0) return [];
    return [
      { action: 'configure', packages: words.slice(at + 1).map((w) => (w.includes(':') ? w : (native.get(w) ?? w))) },
    ];
  });
}

function archiveId(path: string): string {
  const [name, , architecture] = partsOf(basename(path));
  return packageId({ name, architecture });
}
