import { commitsIn, history, readCommit, resolveRevision } from '@apt-ostree/ostree';
import { failure } from './names.ts';

/**
 * The commit of a revision as `deploy` takes it: a checksum, or a version of a branch. That is behind where the branch is
 * here, or ahead of it, where a look has fetched it: looks move no ref.
 * @throws DbusError `Failed` where it is not here
 */
export function commitOfRevision(repo: string, refspec: () => string, revision: string): string {
  const text = revision.replace(/^(revision|version)=/i, '');
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  const head = resolveRevision(repo, refspec());
  const isWanted = ({ version }: { version: string | undefined }) => version === text;
  const isAhead = (commit: string) => [...history(repo, commit)].some(({ checksum }) => checksum === head);
  const behind = [...history(repo, head)].find(isWanted)?.checksum;
  const found = behind ?? commitsIn(repo).find((commit) => isWanted(readCommit(repo, commit)) && isAhead(commit));
  if (found !== undefined) return found;
  throw failure('Failed', `cannot find version '${text.slice(0, 120)}' in '${refspec()}', as far as that is here`);
}
