import { run } from '@apt-ostree/run';

/** Copies a commit into the sysroot's repository; by hardlink where both are on one file system. No ref is changed. */
export async function pull(from: string, commit: string, repo: string): Promise<void> {
  await run('ostree', ['pull-local', `--repo=${repo}`, from, commit], {
    what: `cannot take '${commit}' over from '${from}'`,
  });
}

/** Lets a ref of the sysroot's repository name the commit. */
export async function setRef(repo: string, ref: string, commit: string): Promise<void> {
  await run('ostree', ['refs', `--repo=${repo}`, '--force', `--create=${ref}`, commit], {
    what: `cannot write the ref '${ref}' in '${repo}'`,
  });
}
