import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  type DiffArgs,
  diff as diffDefinition,
  type ListArgs,
  list as listDefinition,
  type VersionArgs,
  version as versionDefinition,
} from '../src/host/db/command.ts';
import { diff } from '../src/host/db/diff.ts';
import { list } from '../src/host/db/list.ts';
import { version } from '../src/host/db/version.ts';
import { parse } from './fake.ts';
import { type Row, smallSysroot } from './small-sysroot.ts';

const OLD: Row[] = [
  ['bash', '5.2-1', 'amd64'],
  ['nano', '8.4-1', 'amd64'],
  ['same', '1', 'all'],
  ['tool', '1.0~rc1-1', 'amd64'],
  ['vim', '2:9.1-1', 'amd64'],
];
const NEW: Row[] = [
  ['bash', '5.2-1+b2', 'amd64'],
  ['htop', '3.4-1', 'amd64'],
  ['same', '1', 'all'],
  ['tool', '1.0-1', 'amd64'],
  ['vim', '1:9.2-1', 'amd64'],
];

const runDiff = (...words: string[]) => diff(parse<DiffArgs>(diffDefinition, words));
const runList = (...words: string[]) => list(parse<ListArgs>(listDefinition, words));
const runVersion = (...words: string[]) => version(parse<VersionArgs>(versionDefinition, words));

async function twoCommits() {
  const lab = await smallSysroot();
  const old = await lab.commit({ version: '1.0', packages: OLD, time: '2026-01-01T08:00:00Z' });
  const now = await lab.commit({ version: '1.1', packages: NEW, time: '2026-02-01T08:00:00Z' });
  return { lab, old, now, repo: `--repo=${lab.repo}` };
}

test('advisories are known of a host, with indices, and have no form as a list', async () => {
  const { repo, lab } = await twoCommits();
  const known = "cannot use '--advisories' with '--repo'";
  await expect(runDiff(repo, '--advisories', 'os^', 'os')).rejects.toThrow(known);
  await expect(runList(repo, '--advisories', 'os')).rejects.toThrow(known);
  await expect(runDiff(repo, '-a', '--format=diff', 'os^', 'os')).rejects.toThrow("'--advisories' and '--format=diff'");
  await lab.deploy('os');
  const sysroot = `--sysroot=${lab.path}`;
  await expect(runDiff(sysroot, '--advisories', 'os^', 'os')).rejects.toMatchObject({ name: 'AotError' });
});

describe('diff', () => {
  test("block: four sections, in Debian's order of versions", async () => {
    const { repo, old, now } = await twoCommits();
    expect(await runDiff(repo, 'os^', 'os')).toBe(`ostree diff commit from: os^ (${old})
ostree diff commit to:   os (${now})
Upgraded:
  bash 5.2-1 -> 5.2-1+b2
  tool 1.0~rc1-1 -> 1.0-1
Downgraded:
  vim 2:9.1-1 -> 1:9.2-1
Removed:
  nano_8.4-1_amd64
Added:
  htop_3.4-1_amd64
`);
  });

  test('diff: one list by name', async () => {
    const { repo } = await twoCommits();
    expect(await runDiff(repo, '--format=diff', '1.0', '1.1')).toBe(`!bash_5.2-1_amd64
=bash_5.2-1+b2_amd64
+htop_3.4-1_amd64
-nano_8.4-1_amd64
!tool_1.0~rc1-1_amd64
=tool_1.0-1_amd64
!vim_2:9.1-1_amd64
=vim_1:9.2-1_amd64
`);
  });

  test('json: kinds by number', async () => {
    const { repo, old, now } = await twoCommits();
    expect(JSON.parse(await runDiff(repo, '-F', 'json', old, now))).toEqual({
      'ostree-commit-from': old,
      'ostree-commit-to': now,
      pkgdiff: [
        ['htop', 0, { NewPackage: ['htop', '3.4-1', 'amd64'] }],
        ['nano', 1, { PreviousPackage: ['nano', '8.4-1', 'amd64'] }],
        ['bash', 2, { PreviousPackage: ['bash', '5.2-1', 'amd64'], NewPackage: ['bash', '5.2-1+b2', 'amd64'] }],
        ['tool', 2, { PreviousPackage: ['tool', '1.0~rc1-1', 'amd64'], NewPackage: ['tool', '1.0-1', 'amd64'] }],
        ['vim', 3, { PreviousPackage: ['vim', '2:9.1-1', 'amd64'], NewPackage: ['vim', '1:9.2-1', 'amd64'] }],
      ],
      advisories: [],
    });
  });

  test('the same commit: nothing differs', async () => {
    const { repo, now } = await twoCommits();
    expect(await runDiff(repo, now, now.slice(0, 12))).toBe(
      `ostree diff commit from: ${now}\nostree diff commit to:   ${now.slice(0, 12)} (${now})\n`,
    );
  });

  test('of several commits with a version the newest', async () => {
    const { lab, repo } = await twoCommits();
    const newest = await lab.commit({ version: '1.0', packages: NEW, branch: 'other', time: '2026-03-01T08:00:00Z' });
    expect(await runDiff(repo, '1.1', '1.0')).toContain(`to:   1.0 (${newest})`);
  });

  test('the bases of layered commits', async () => {
    const { lab, repo, now } = await twoCommits();
    const layered = await lab.commit({ packages: OLD, metadata: ['aptostree.clientlayer=true'] });
    expect(await runDiff(repo, now, layered)).toContain('Removed:\n  htop');
    expect(await runDiff(repo, '--base', now, layered)).toBe(
      `ostree diff commit from: ${now}\nostree diff commit to:   ${layered} (${now})\n`,
    );
  });

  test('changelogs of upgraded packages, from bare repositories and archives', async () => {
    const { lab, repo, old } = await twoCommits();
    const text = `bash (5.2-1+b2) unstable; urgency=low

  * Closes a hole.

 -- A <a@example.org>  Mon, 02 Feb 2026 00:00:00 +0000

bash (5.2-1) unstable; urgency=low

  * Old news.

 -- A <a@example.org>  Thu, 01 Jan 2026 00:00:00 +0000
`;
    const docs = join(lab.tree, 'usr/share/doc');
    mkdirSync(join(docs, 'bash-common'), { recursive: true });
    writeFileSync(join(docs, 'bash-common/changelog.Debian.gz'), gzipSync(text));
    symlinkSync('bash-common', join(docs, 'bash'));
    const withDocs = await lab.commit({ packages: NEW });
    const expected = `  bash 5.2-1 -> 5.2-1+b2
    bash (5.2-1+b2) unstable; urgency=low

      * Closes a hole.

     -- A <a@example.org>  Mon, 02 Feb 2026 00:00:00 +0000
  tool 1.0~rc1-1 -> 1.0-1
    (no changelog in the commit)
Downgraded:
`;
    expect(await runDiff(repo, '--changelogs', old, withDocs)).toContain(expected);
    const archive = join(lab.path, 'archive');
    await lab.ostree('init', `--repo=${archive}`, '--mode=archive');
    await lab.ostree('pull-local', `--repo=${archive}`, lab.repo, old, withDocs);
    expect(await runDiff(`--repo=${archive}`, '-c', old, withDocs)).toContain(expected);
    await expect(runDiff(repo, '-c', '--format=json', old, withDocs)).rejects.toThrow(
      "cannot specify both '--changelogs' and '--format=json'",
    );
  });
});

describe('list', () => {
  test('all packages, or those whose names begin so', async () => {
    const { repo, old, now } = await twoCommits();
    expect(await runList(repo, old)).toBe(`ostree commit: ${old}\n${OLD.map((p) => ` ${p.join('_')}\n`).join('')}`);
    expect(await runList(repo, '1.0', 'os', 'vi', '?ool', 'na')).toBe(`ostree commit: 1.0 (${old})
 nano_8.4-1_amd64
 tool_1.0~rc1-1_amd64
 vim_2:9.1-1_amd64
ostree commit: os (${now})
 tool_1.0-1_amd64
 vim_1:9.2-1_amd64
`);
  });
  test('a word that is neither', async () => {
    const { repo } = await twoCommits();
    await expect(runList(repo, 'os', 'osx')).rejects.toThrow("cannot find 'osx': it is no revision, and no package");
  });
});

test('version: the same packages, the same digest', async () => {
  const { lab, repo } = await twoCommits();
  await lab.commit({ packages: [...OLD].reverse(), branch: 'reversed' });
  const digests = [...(await runVersion(repo, 'os^', 'os', 'reversed')).matchAll(/dpkgdbv is: +(\S+)/g)].map(
    (m) => m[1],
  );
  expect(digests[0]).toMatch(/^5:[0-9a-f]{64}$/);
  expect(digests[2]).toBe(digests[0]);
  expect(digests[1]).not.toBe(digests[0]);
});

describe('refused', () => {
  test.each([['nothing'], ['no/such/ref'], ['0123456'], ['9.9']])("revision '%s' is unknown", async (revision) => {
    const { repo } = await twoCommits();
    for (const work of [runDiff(repo, 'os', revision), runList(repo, revision), runVersion(repo, revision)]) {
      await expect(work).rejects.toMatchObject({ exit: 66, message: expect.stringContaining(`'${revision}'`) });
    }
  });
  test('a commit without a list', async () => {
    const { lab, repo } = await twoCommits();
    await lab.commit({ branch: 'plain' });
    await expect(runList(repo, 'plain')).rejects.toThrow("cannot list the packages of 'plain'");
  });
  test('one revision, where nothing runs', async () => {
    const { lab, repo } = await twoCommits();
    for (const words of [[], ['os']]) {
      await expect(runDiff(repo, ...words)).rejects.toThrow('cannot compare with the booted deployment');
      await expect(runDiff(`--sysroot=${lab.path}`, ...words)).rejects.toThrow(`nothing of '${lab.path}' runs`);
    }
  });
});
