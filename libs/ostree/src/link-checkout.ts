import { ostree } from './ostree.ts';

/**
 * Makes the tree of a commit, or of a ref, by hard links into its repository, which is of mode `bare` and on the same file
 * system. Empty files are copied, since one object would stand for all of them; nothing is synced.
 * @param path must not exist
 * @param what what is being done, for the error
 */
export const linkCheckout = async (
  repo: string,
  commit: string,
  path: string,
  what: string,
  signal?: AbortSignal,
): Promise<void> => {
  const options = ['--require-hardlinks', '--force-copy-zerosized', '--fsync=false'];
  await ostree(repo, ['checkout', ...options, commit, path], what, signal);
};
