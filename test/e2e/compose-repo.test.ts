import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { fullDisk, serve, signingHome, signingKey, type ToolOptions, temporary, tool } from '@apt-ostree/testkit';
import { beforeEach, describe, expect, test } from 'vitest';

// The repository that machines pull from, kept with `compose repo`; ostree itself is the judge and the client.

const REF = 'example/server';
let directory: string;
let repo: string;
let commits: string[];
beforeEach(async () => {
  directory = temporary();
  repo = join(directory, 'repo');
  await ostree('init', '--mode=archive');
  commits = [];
  for (let day = 1; day <= 5; day++) commits.push(await commit(REF, day));
});

const ostree = async (...args: [string, ...string[]]): Promise<string> =>
  (await run('ostree', [args[0], `--repo=${repo}`, ...args.slice(1)])).stdout.trim();

/** A commit of that day in January 2020, with a file that all have and one that nobody else has. */
function commit(ref: string, day: number): Promise<string> {
  const files = join(directory, 'files');
  mkdirSync(files, { recursive: true });
  writeFileSync(join(files, 'common'), 'the same line\n'.repeat(20_000));
  writeFileSync(join(files, 'own'), `${ref} ${day}\n`.repeat(20_000));
  const date = `--timestamp=2020-01-0${day} 12:00:00Z`;
  return ostree('commit', `--branch=${ref}`, `--tree=dir=${files}`, '--owner-uid=0', '--owner-gid=0', date);
}

const compose = (verb: string, args: readonly string[] = [], options: ToolOptions = {}) =>
  tool('apt-ostree', ['compose', 'repo', verb, '--repo', repo, ...args], options);

/** Its output; it must have succeeded. */
async function done(verb: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await compose(verb, args);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** The commits that are there, the newest first. */
const log = async (ref: string): Promise<string[]> =>
  [...(await ostree('log', ref)).matchAll(/^commit (\S+)$/gm)].map(([, checksum]) => checksum as string);

const newest = (n: number): string[] => commits.slice(-n).reverse();

describe('prune', () => {
  test('keeps so many commits of every ref, says what went, and a second time that nothing did', async () => {
    const other = await commit('example/other', 1);
    const said = await compose('prune', ['--keep', '2']);
    expect(said.stdout).toMatch(/^Removed: \d+ objects, [\d.]+ ?\S+\n$/);
    expect(said.stderr).toContain(`${REF}: keeps 2 of 5 commits\n`);
    expect(said.stderr).toContain('example/other: keeps 1 of 1 commit\n');
    expect(await log(REF)).toEqual(newest(2));
    expect(await log('example/other')).toEqual([other]);
    await ostree('fsck');
    expect(await done('prune', '--keep', '2')).toBe('Nothing to prune\n');
  });

  test('says in a dry run what the run then does, and removes nothing', async () => {
    const would = await done('prune', '--keep', '1', '--dry-run');
    expect(would).toMatch(/^Would remove: \d+ objects, /);
    expect(await log(REF)).toEqual(newest(5));
    expect(await done('prune', '--keep', '1')).toBe(would.replace('Would remove', 'Removed'));
  });

  test.each([
    [['--older-than', '2020-01-04'], 2],
    [['--older-than', '2020-01-04', '--keep', '3'], 3],
    [['--older-than', '2020-01-02', '--keep', '1'], 4],
    [['--older-than', '1w'], 1],
    [['--older-than', '999999w'], 5],
    [['--keep', '7'], 5],
  ])('%j keeps %d', async (args, kept) => {
    const { code, stderr } = await compose('prune', args);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`${REF}: keeps ${kept} of 5 commits\n`);
    expect(await log(REF)).toEqual(newest(kept));
  });

  test('what no ref names goes', async () => {
    await ostree('refs', '--delete', REF);
    expect(await done('prune', '--keep', '9')).toMatch(/^Removed: \d+ objects, /);
    expect(await ostree('prune', '--no-prune')).toContain('Total objects: 0');
  });
});

describe('deltas', () => {
  const deltas = async () => (await ostree('static-delta', 'list')).split('\n').sort();
  const to = (from: number): string => `${commits.at(-1 - from)}-${commits.at(-1)}`;

  test('are made to the newest commit from those before it; those of yesterday go', async () => {
    expect(await done('deltas', '--max', '2')).toBe('Made: 2 deltas\nRemoved: 0 deltas\n');
    expect(await deltas()).toEqual([to(1), to(2)].sort());
    expect(await done('deltas', '--max', '2')).toBe('Nothing to do: the deltas are up to date\n');
    commits.push(await commit(REF, 6));
    expect(await done('deltas', '--from-scratch')).toBe('Made: 2 deltas\nRemoved: 2 deltas\n');
    expect(await deltas()).toEqual([to(1), commits.at(-1)].sort());
  });

  test('of refs that are not named stay', async () => {
    await commit('example/other', 1);
    await commit('example/other', 2);
    await done('deltas', 'example/other');
    const [other] = await deltas();
    await done('deltas', REF);
    expect(await deltas()).toEqual([other, to(1)].sort());
    expect(await done('deltas')).toBe('Nothing to do: the deltas are up to date\n');
  });

  test('of a history that was pruned: none from what is gone', async () => {
    await done('prune', '--keep', '1');
    expect(await done('deltas', '--max', '3')).toBe('Nothing to do: the deltas are up to date\n');
  });
});

describe('signatures', () => {
  test('of commits are added once, to those that are named or to the newest of every ref', async () => {
    const { fingerprint } = await signingKey('builder');
    const keys = ['--gpg-sign', fingerprint, '--gpg-homedir', signingHome()];
    expect(await done('sign', ...keys)).toBe('Signed: 1 commit\n');
    expect(await done('sign', ...keys, REF)).toBe('Nothing to sign: every commit has the signature\n');
    for (const gone of ['example/none', 'f'.repeat(64)])
      expect((await compose('sign', [...keys, gone])).stderr).toContain(`cannot find '${gone}'`);
    expect(await done('sign', ...keys, `${REF}^`, commits[0] as string)).toBe('Signed: 2 commits\n');
    expect(await ostree('rev-parse', REF)).toBe(commits.at(-1));
    const shown = async (checksum: string) =>
      ostree('show', checksum, `--gpg-homedir=${signingHome()}`).then((text) => /Found 1 signature/.test(text));
    expect(await Promise.all(commits.map(shown))).toEqual([true, false, false, true, true]);
  });

  test('a summary that loses its signature is warned of', async () => {
    const { fingerprint } = await signingKey('builder');
    const keys = ['--gpg-sign', fingerprint, '--gpg-homedir', signingHome()];
    expect(await done('summary', ...keys)).toBe(`Summary: 1 ref, signed by ${fingerprint}\n`);
    expect(existsSync(join(repo, 'summary.sig'))).toBe(true);
    const { stdout, stderr } = await compose('summary');
    expect(stdout).toBe('Summary: 1 ref, not signed\n');
    expect(stderr).toContain('warning: the summary was signed, and is not any more');
    expect(existsSync(join(repo, 'summary.sig'))).toBe(false);
  });
});

describe('a client over HTTP', () => {
  test('pulls by a delta, and takes only what our key has signed', async () => {
    const [builder, stranger] = [await signingKey('builder'), await signingKey('stranger')];
    const by = (key: { fingerprint: string }) => ['--gpg-sign', key.fingerprint, '--gpg-homedir', signingHome()];
    const publish = async (key: { fingerprint: string }) => {
      await done('summary', ...by(key));
      newerThanBefore();
    };
    await done('sign', ...by(builder), REF, `${REF}^`);
    await done('deltas');
    await publish(builder);
    const server = await serve(repo);
    try {
      const client = await newClient(server.url, builder.armored);
      await client('pull', 'origin', `${REF}@${commits.at(-2)}`);
      const before = server.log.length;
      await client('pull', 'origin', REF);
      const asked = server.log.slice(before).map(({ path }) => path);
      // Loose objects are no sign to the contrary: libostree asks for those that it comes upon while a part is unpacked.
      for (const part of ['superblock', '0'])
        expect(asked).toContainEqual(expect.stringMatching(new RegExp(`^/deltas/.*/${part}$`)));
      expect((await client('rev-parse', `origin:${REF}`)).stdout.trim()).toBe(commits.at(-1));
      await client('fsck');

      commits.push(await commit(REF, 6));
      await publish(builder);
      await expect(client('pull', 'origin', REF)).rejects.toThrow(/signature/i);
      await done('sign', ...by(stranger));
      await expect(client('pull', 'origin', REF)).rejects.toThrow(/signature/i);
      await done('sign', ...by(builder));
      await client('pull', 'origin', REF);
      await publish(stranger);
      await expect(client('pull', 'origin', REF)).rejects.toThrow(/signature/i);
    } finally {
      await server.close();
    }
  });

  /** Clients ask for a summary by its second (If-Modified-Since): two of one second are the same to them. */
  let second = 1_600_000_000;
  function newerThanBefore(): void {
    second++;
    for (const name of ['summary', 'summary.sig']) utimesSync(join(repo, name), second, second);
  }

  async function newClient(url: string, armored: string) {
    const own = join(directory, 'client');
    const key = join(directory, 'key.asc');
    writeFileSync(key, armored);
    const client = (verb: string, ...args: string[]) => run('ostree', [verb, `--repo=${own}`, ...args]);
    await client('init', '--mode=bare-user'); // into an archive nothing is pulled by delta
    const settings = ['--set=gpg-verify=true', '--set=gpg-verify-summary=true', `--gpg-import=${key}`];
    await run('ostree', ['remote', 'add', `--repo=${own}`, ...settings, 'origin', url]);
    return client;
  }
});

describe('what cannot be done is said before anything changes', () => {
  const refusals: [string, string[], string | RegExp][] = [
    ['prune', [], 'option --keep or --older-than must be specified'],
    ['prune', ['--keep', '0'], "cannot use '0' for --keep"],
    ['prune', ['--keep', '-1'], /--keep/],
    ['prune', ['--older-than', '2020-02-30'], "cannot use '2020-02-30' for --older-than"],
    ['prune', ['--older-than', 'yesterday'], "cannot use 'yesterday' for --older-than"],
    ['deltas', ['--max', 'many'], "cannot use 'many' for --max"],
    ['deltas', [REF, 'example/none'], "cannot find the ref 'example/none'"],
    ['sign', [], 'option --gpg-sign or --sign-ed25519 must be specified'],
    ['sign', ['--gpg-sign', 'X'], "cannot find a secret key 'X'"],
    ['sign', ['--gpg-sign', 'nobody@example.org'], "cannot find a secret key 'nobody@example.org'"],
    ['summary', ['--gpg-sign', 'nobody@example.org'], "cannot find a secret key 'nobody@example.org'"],
    ['summary', ['--gpg-homedir', '/'], 'option --gpg-homedir needs --gpg-sign'],
  ];

  test.each(refusals)('%s %j', async (verb, args, message) => {
    const { code, stdout, stderr } = await compose(verb, args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(typeof message === 'string' ? message.replace(/[()]/g, '\\$&') : message);
    expect(await log(REF)).toEqual(newest(5));
    expect(['summary', 'deltas'].filter((name) => existsSync(join(repo, name)))).toEqual([]);
  });

  test.each(['prune', 'deltas', 'summary', 'sign'])('%s of no repository', async (verb) => {
    const args = { prune: ['--keep', '1'], sign: ['--gpg-sign', 'X'] }[verb] ?? [];
    for (const [more, message] of [
      [['--repo', join(directory, 'none')], 'it is not an OSTree repository'],
      [[], 'option --repo must be specified'],
    ] as const) {
      const { code, stderr } = await tool('apt-ostree', ['compose', 'repo', verb, ...more, ...args]);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
    }
  });

  test('ed25519, where libostree is built without it', async () => {
    const key = join(directory, 'key');
    writeFileSync(key, Buffer.alloc(64, 1).toString('base64'));
    const able = /^\s*- sign-ed25519\s*$/m.test((await run('ostree', ['--version'])).stdout);
    const { code, stderr } = await compose('sign', ['--sign-ed25519', key]);
    if (able) return expect(code, stderr).toBe(0);
    expect(code).toBe(1);
    expect(stderr).toContain("cannot sign with ed25519: this machine's libostree is built without it");
  });

  test('a damaged ref names its file', async () => {
    const file = join(repo, 'refs/heads', REF);
    const text = readFileSync(file);
    writeFileSync(file, 'nonsense\n');
    const { code, stderr } = await compose('prune', ['--keep', '1']);
    expect(code).toBe(1);
    expect(stderr).toContain(REF);
    writeFileSync(file, text);
    expect(await log(REF)).toEqual(newest(5));
  });
});

test('on a full disk deltas fail with the reason, and the repository stays whole', async () => {
  const disk = await fullDisk(6);
  try {
    const inside = join(disk.path, 'repo');
    cpSync(repo, join(disk.outside, 'repo'), { recursive: true });
    const fill = join(disk.outside, 'fill');
    await run('dd', ['if=/dev/zero', `of=${fill}`, 'bs=64k'], { ok: 'any' });
    const at = ['compose', 'repo', 'deltas', '--repo', inside];
    const { code, stderr } = await tool('apt-ostree', at, { prefix: disk.prefix });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/no space left|min-free-space/i) });
    rmSync(fill);
    await run('ostree', ['fsck', `--repo=${join(disk.outside, 'repo')}`]);
    const again = await tool('apt-ostree', at, { prefix: disk.prefix });
    expect(again).toMatchObject({ code: 0, stdout: 'Made: 1 delta\nRemoved: 0 deltas\n' });
  } finally {
    await disk.close();
  }
});
