import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { type Served, serve } from '@apt-ostree/testkit';
import type { BootedWorld } from './booted-world.ts';
import type { Change } from './next-commit.ts';
import { scratch } from './scratch.ts';

/** A repository that a world pulls from over HTTP. */
export interface HttpRemote {
  server: Served;
  repo: string;
  /** Makes a further commit and puts it there; `sign` with the key of that name. */
  publish(change?: Change, options?: { ref?: string; sign?: string }): Promise<string>;
  /** The public key of that name, as a file. */
  key(name: string): Promise<string>;
  close(): Promise<void>;
}

const REF = 'test/booted';
/** What changes touch: all else is in the world already, and is left out of what is served. */
const PARTS = ['/usr/etc', '/usr/share'];

/** Serves commits of the world's upstream. The repository holds what a world that has the first commit lacks. */
export async function httpRemote(world: BootedWorld, name: string): Promise<HttpRemote> {
  const directory = scratch(`${name}-http`);
  mkdirSync(join(directory, 'gpg'), { mode: 0o700 });
  const repo = join(directory, 'repo');
  const ostree = (command: string, ...args: string[]) => run('ostree', [command, `--repo=${repo}`, ...args]);
  await ostree('init', '--mode=archive');
  await ostree('config', 'set', 'core.fsync', 'false');
  await ostree('config', 'set', 'archive.zlib-level', '1');
  await ostree('remote', 'add', '--no-gpg-verify', 'upstream', `file://${world.repo}`);
  const take = async (commit: string, ref: string) => {
    await ostree('pull', ...PARTS.map((path) => `--subpath=${path}`), 'upstream', commit);
    await ostree('refs', '--force', `--create=${ref}`, commit);
    await ostree('summary', '--update');
  };
  await take(world.commit, REF);
  const keys = keyring(join(directory, 'gpg'));
  const server = await serve(repo);
  return {
    server,
    repo,
    key: (who) => keys.file(who),
    async publish(change, { ref = REF, sign } = {}) {
      const commit = await world.nextCommit(change);
      await take(commit, ref);
      if (sign !== undefined)
        await ostree('gpg-sign', `--gpg-homedir=${keys.home}`, commit, await keys.fingerprint(sign));
      return commit;
    },
    close: () => server.close(),
  };
}

function keyring(home: string) {
  const gpg = async (...args: string[]) =>
    (await run('gpg', ['--homedir', home, '--batch', '--quiet', '--pinentry-mode=loopback', '--passphrase=', ...args]))
      .stdout;
  const made = new Map<string, string>();
  const fingerprint = async (name: string): Promise<string> => {
    const known = made.get(name);
    if (known !== undefined) return known;
    await gpg('--quick-generate-key', `${name} <${name}@example.org>`, 'ed25519', 'sign', 'never');
    const listing = await gpg('--list-keys', '--with-colons', name);
    made.set(name, /^fpr:+([0-9A-F]+):$/m.exec(listing)?.[1] as string);
    return made.get(name) as string;
  };
  const file = async (name: string): Promise<string> => {
    const path = join(home, `${name}.asc`);
    await gpg('--yes', '--armor', '--output', path, '--export', await fingerprint(name));
    return path;
  };
  return { home, fingerprint, file };
}
