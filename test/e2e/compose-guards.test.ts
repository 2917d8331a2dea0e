import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { tool } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { ComposeLab } from '../lib/compose-lab.ts';

// What would end with success and a commit that nobody can use, or with a failure that comes after the ref has moved.

let lab: ComposeLab;
beforeAll(async () => {
  lab = await ComposeLab.open();
});

/** Would be a new commit. */
const another = (): string => lab.treefile({ packages: ['fine'], postprocess: [`echo ${Math.random()} > /usr/new`] });

test.each([['fine:riscv64'], ['fine:nonsense']])('%s: an architecture that the tree has not', async (name) => {
  expect(await lab.refuse(lab.treefile({ packages: ['fine', name] }))).toMatchObject({
    ...{ stage: 'resolve', exit: 1 },
    message: expect.stringMatching(`^packages not found: '${name}': there is .*1`),
  });
});

test('a treefile without ref is refused, unless the checksum is written to a file', async () => {
  const file = lab.treefile({ packages: ['fine'], ref: undefined });
  const refusal = await lab.refuse(file);
  expect(refusal).toMatchObject({ exit: 78, message: `cannot commit '${file}': it has no 'ref'` });
  const written = join(lab.directory, 'commit-id');
  expect(await lab.compose(file, '--write-commitid-to', written)).toMatchObject({ code: 0 });
  expect(existsSync(written)).toBe(true);
});

test.each(['--write-composejson-to', '--write-commitid-to', '--write-lockfile-to', '--touch-if-changed'])(
  '%s: a place that cannot be is found before anything is done',
  async (option) => {
    const nowhere = join(lab.directory, 'nowhere/file');
    const refusal = await lab.refuse(another(), option, nowhere);
    expect(refusal.message).toBe(`cannot write '${nowhere}': no such file or directory`);
    expect((await lab.refuse(another(), option, lab.directory)).message).toContain('it is a directory');
  },
);

test.each(['noon', '-5', '1.5', '0x10', '99999999999999'])('SOURCE_DATE_EPOCH=%s', async (epoch) => {
  const env = { SOURCE_DATE_EPOCH: epoch };
  const before = await lab.revision();
  const args = ['compose', 'tree', '--quiet', '--repo', lab.repo, '--cachedir', lab.cachedir, another()];
  const { code, stdout, stderr } = await tool('apt-ostree', args, { env });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(`environment variable 'SOURCE_DATE_EPOCH' cannot be '${epoch}'`);
  expect(await lab.revision()).toBe(before);
  expect(await tool('aot-sandbox', ['exec', '--rootfs', lab.directory, '--', 'true'], { env })).toMatchObject({
    code: 64,
  });
});

test.each([
  ['a script of the treefile', "postprocess of 'treefile'", { postprocess: ['rm -rf /usr/bin/*; exit 0'] }],
  ['a script of a package', "postinst of 'wrecker", { packages: ['wrecker'] }],
])('a tree without a shell, by %s, is no tree', async (_what, culprit, keys) => {
  await lab.archive('wrecker', {
    packages: [{ name: 'wrecker', scripts: { postinst: '#!/bin/sh\nrm -f /usr/lib/os-release\n' } }],
  });
  const refusal = await lab.refuse(lab.treefile({ repos: ['base', 'wrecker'], ...keys }));
  expect(refusal).toMatchObject({ stage: 'sandbox', exit: 1 });
  expect(refusal.message).toMatch(/^cannot use the tree: .* removed '\/(bin\/sh|usr\/lib\/os-release)'$/);
  expect(refusal.message).toContain(culprit);
});

describe.each(['bare', 'bare-user', 'archive'])('a repository of mode %s', (mode) => {
  test('has commits that ostree finds nothing wrong with', async () => {
    const repo = await repository(mode);
    expect(await lab.tool('apt-ostree', ['compose', 'tree', '--repo', repo, another()])).toMatchObject({ code: 0 });
    await run('ostree', ['fsck', `--repo=${repo}`]);
  });
});

test.each(['bare-user-only', 'bare-split-xattrs'])('a repository of mode %s is left alone', async (mode) => {
  const repo = await repository(mode);
  const { code, stdout, stderr } = await lab.tool('apt-ostree', ['compose', 'tree', '--repo', repo, another()]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(`cannot use repository '${repo}': mode '${mode}' does not keep owners of files\n`);
  expect(readdirSync(join(repo, 'objects'))).toEqual([]);
});

async function repository(mode: string): Promise<string> {
  const repo = join(lab.directory, `repo-${mode}`);
  const known = mode === 'bare-split-xattrs' ? 'bare' : mode; // which libostree does not make by itself
  await run('ostree', ['init', `--mode=${known}`, `--repo=${repo}`]);
  if (known !== mode) await run('ostree', ['config', 'set', 'core.mode', mode, `--repo=${repo}`]);
  return repo;
}
