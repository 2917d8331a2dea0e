import { comparePackages, type Package } from '@apt-ostree/host';
import { readCommit } from '@apt-ostree/ostree';

/** Of a journal entry, which must not be endless. */
const MOST = 500;

/** Which packages differ between two commits: `+name_1.0_all`, `-...`, or `old>new`; nothing where it is not known. */
export function packageWords(repo: string, from: string | undefined, to: string | undefined): string[] {
  if (from === undefined || to === undefined || from === to) return [];
  try {
    const [before, after] = [from, to].map((commit) => readCommit(repo, commit).packages);
    if (!before || !after) return [];
    const { added, removed, upgraded, downgraded } = comparePackages(before, after);
    const changed = [...upgraded, ...downgraded].map((change) => `${full(change.from)}>${full(change.to)}`);
    return [...added.map((p) => `+${full(p)}`), ...removed.map((p) => `-${full(p)}`), ...changed].slice(0, MOST);
  } catch {
    return []; // the commit before is gone already
  }
}

const full = ({ name, version, architecture }: Package): string => `${name}_${version}_${architecture}`;
