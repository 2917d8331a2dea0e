import { createHash } from 'node:crypto';
import debhelper from '../data/debhelper-lines.json' with { type: 'json' };
import reviewed from '../data/inert-preinst.json' with { type: 'json' };

/** Why a preinst need not run on a fresh install, or that it must. */
export type PreinstClass = 'none' | 'debhelper' | 'reviewed' | 'unknown';

const PATTERNS = debhelper.lines.map((line) => new RegExp(`^(?:${line.pattern})$`, 'gm'));
const REVIEWED = new Set(reviewed.scripts.map((row) => row.sha256));

/**
 * Says whether a package's preinst is known to do nothing when the package is installed for the first time. No analysis
 * of shell: either nothing is left once the lines that debhelper writes are taken away, or somebody has read this very
 * script. Everything else is `unknown`, and real dpkg has to unpack that package.
 * @param emptyTree reviewed rows hold for an empty tree only: some scripts move old files where there are any
 */
export function classifyPreinst(script: string | undefined, emptyTree: boolean): PreinstClass {
  if (script === undefined) return 'none';
  if (/^#! *\/bin\/(?:da|ba)?sh(?: -e)?\n/.test(script) && withoutDebhelper(script).length === 0) return 'debhelper';
  const sha256 = createHash('sha256').update(script).digest('hex');
  return emptyTree && REVIEWED.has(sha256) ? 'reviewed' : 'unknown';
}

/** The lines of a script that debhelper did not write. Blocks are taken away whole, so that no line counts by itself. */
export function withoutDebhelper(script: string): string[] {
  let rest = script;
  for (const pattern of PATTERNS) rest = rest.replace(pattern, '');
  return rest.split('\n').filter((line) => line.trim() !== '');
}
