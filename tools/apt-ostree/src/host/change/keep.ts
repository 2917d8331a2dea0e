import { formatRefspec, type Refspec } from '@apt-ostree/host';
import { history } from '@apt-ostree/ostree';
import { run } from '@apt-ostree/run';
import { refOf } from './pull.ts';

/**
 * Lets the ref of a remote's branch name a commit of it that was only downloaded: so a cleanup keeps it, and `--cache-only`
 * finds it. The ref goes forward only: what is behind it is found from there.
 */
export async function keep(repo: string, refspec: Refspec, commit: string): Promise<void> {
  const { remote, branch } = refspec;
  if (remote === undefined) return;
  const before = await refOf(repo, remote, branch);
  if (before !== undefined && ![...history(repo, commit)].some((c) => c.checksum === before)) return;
  const name = formatRefspec(refspec);
  await run('ostree', ['refs', `--repo=${repo}`, '--force', `--create=${name}`, commit], {
    what: `cannot write the ref '${name}'`,
  });
}
