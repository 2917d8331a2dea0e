import { AotError } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';
import type { DiskRequest } from './request.ts';

/** The commit that goes on the disk. */
export interface Source {
  repo: string;
  commit: string;
  /** What the origin names, for upgrades. */
  refspec: string | undefined;
  /** When it was made, seconds since the epoch: the clock of everything on the disk. */
  epoch: number;
}

/**
 * Finds the commit, and looks whether it can boot.
 * @throws AotError `noInput` for an unknown revision, `data` for a commit without a kernel
 */
export async function findSource(request: DiskRequest, signal: AbortSignal): Promise<Source> {
  const { repo, rev } = request;
  const commit = await resolveRevision(repo, rev, signal);
  await requireKernel(repo, rev, commit, signal);
  const isRef = !commit.startsWith(rev);
  return { repo, commit, refspec: request.refspec ?? (isRef ? rev : undefined), epoch: await dateOf(repo, commit) };
}

async function resolveRevision(repo: string, rev: string, signal: AbortSignal): Promise<string> {
  const { exitCode, stdout, stderr } = await run('ostree', ['rev-parse', `--repo=${repo}`, '--', rev], {
    ok: 'any',
    signal,
  });
  if (exitCode === 0) return stdout.trim();
  if (/opening repo/i.test(stderr))
    throw new AotError('noInput', `cannot open '${repo}': ${stderr.trim().replace(/^error: /, '')}`, {
      hint: 'it must be an OSTree repository',
    });
  throw new AotError('noInput', `cannot find '${rev}' in '${repo}'`, {
    hint: `'ostree refs --repo=${repo}' lists what there is`,
  });
}

async function requireKernel(repo: string, rev: string, commit: string, signal: AbortSignal): Promise<void> {
  for (const modules of await list(repo, commit, '/usr/lib/modules', signal))
    if ((await list(repo, commit, modules, signal)).includes(`${modules}/vmlinuz`)) return;
  throw new AotError('data', `cannot make a disk of '${rev}': the commit has no kernel`, {
    code: 'no-kernel',
    hint: "add a kernel package such as 'linux-image-cloud-amd64' to the treefile",
  });
}

/** What is in a directory of a commit; nothing where there is none. */
async function list(repo: string, commit: string, path: string, signal: AbortSignal): Promise<string[]> {
  const args = ['ls', `--repo=${repo}`, '--nul-filenames-only', commit, path];
  const { exitCode, stdout, stderr } = await run('ostree', args, { ok: 'any', signal });
  if (exitCode !== 0 && !/no such file or directory/i.test(stderr))
    throw new AotError('data', `cannot read commit '${commit}' of '${repo}': ${stderr.trim().replace(/^error: /, '')}`);
  return stdout.split('\0').filter((name) => name !== '' && name !== path);
}

async function dateOf(repo: string, commit: string): Promise<number> {
  const { stdout } = await run('ostree', ['show', `--repo=${repo}`, commit], { env: { LC_ALL: 'C', TZ: 'UTC' } });
  const date = /^Date: +(.*)$/m.exec(stdout)?.[1];
  const seconds = Date.parse(date ?? '') / 1000;
  if (!Number.isSafeInteger(seconds)) throw new AotError('data', `cannot read the date of commit '${commit}'`);
  return seconds;
}
