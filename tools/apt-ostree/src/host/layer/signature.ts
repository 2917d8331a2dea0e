import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';

const VERIFIER = '/usr/bin/debsig-verify';
const CONFIGURATION = '/etc/dpkg/dpkg.cfg';

/** What the exit codes of debsig-verify(1) mean. */
const REASONS: Record<number, string> = {
  10: 'it is not signed',
  11: 'no policy of /etc/debsig/policies is for who signed it',
  12: 'no policy of /etc/debsig/policies fits its signatures',
  13: 'its signature is not right',
};

/**
 * Has a package's own signature verified, where dpkg would: debsig-verify is there, and `no-debsig` stands nowhere in dpkg's
 * configuration. Packages from archives need none, as the archive is signed.
 * @throws AotError `data` for a package whose signature does not count
 */
export async function verifySignature(file: string, word: string): Promise<void> {
  if (!existsSync(VERIFIER) || dpkgOptions().includes('no-debsig')) return;
  const { exitCode, stdout, stderr } = await run(VERIFIER, [file], { ok: 'any' });
  if (exitCode === 0) return;
  const said = `${stdout}${stderr}`.trim().replaceAll(file, word).split('\n').at(-1);
  throw new AotError('data', `cannot use '${word}': ${REASONS[exitCode] ?? `debsig-verify says '${said}'`}`, {
    code: 'bad-signature',
    hint: `this system wants signed packages: debsig-verify(1) is installed, and '${CONFIGURATION}' lacks 'no-debsig'`,
  });
}

/** Every option of dpkg.cfg(5), without values. */
function dpkgOptions(): string[] {
  const parts = `${CONFIGURATION}.d`;
  const names = existsSync(parts) ? readdirSync(parts).filter((name) => /^[A-Za-z0-9_-]+$/.test(name)) : [];
  const files = [CONFIGURATION, ...names.map((name) => join(parts, name))].filter((file) => existsSync(file));
  return files.flatMap((file) => read(file).map((line) => /^\s*(?:--)?([a-z-]+)/.exec(line)?.[1] ?? ''));
}

function read(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch (error) {
    throw explain(error, `cannot read '${file}'`);
  }
}
