import { tool } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { Commits } from '../lib/commits.ts';
import { ComposeLab } from '../lib/compose-lab.ts';

let lab: ComposeLab;
beforeAll(async () => {
  lab = await ComposeLab.open();
  const good = 'mkdir -p /var/lib/good && echo "$DPKG_MAINTSCRIPT_PACKAGE" > /var/lib/good/name';
  const random = 'mkdir -p /etc/chance && cat /proc/sys/kernel/random/uuid > /etc/chance/id && date > /etc/chance/when';
  await lab.archive('app', {
    packages: [
      { name: 'good', scripts: { postinst: good } },
      { name: 'clock', scripts: { postinst: 'date +%s.%N > /usr/lib/clock.stamp' } },
      { name: 'chance', scripts: { postinst: random } },
    ],
  });
});

const treefile = (...packages: string[]) => lab.treefile({ ref: 'check', repos: ['base', 'app'], packages });
const SAME = 'Reproducible: two configured trees are the same.';

/** As `lab.compose`, but with what is said to people. */
const check = (file: string, ...args: string[]) =>
  lab.compose(file, '--check-reproducible', ...args).then(({ code, stdout }) => ({ code, stdout }));

describe('compose tree --check-reproducible', () => {
  test('a tree that comes out the same twice is committed', async () => {
    const file = treefile('good');
    const { code, stdout } = await check(file);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^check => [0-9a-f]{64}$/m) });
  });

  test('is done also when nothing changed since the parent, and without a repository', async () => {
    const words = ['compose', 'tree', '--cachedir', lab.cachedir, '--check-reproducible', treefile('good')];
    const alone = await tool('apt-ostree', words);
    expect(alone, alone.stderr).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining(SAME) });
    const again = await tool('apt-ostree', [...words, '--repo', lab.repo]);
    expect(again, again.stderr).toMatchObject({ code: 0, stderr: expect.stringContaining(SAME) });
    expect(again.stdout).toContain('No apparent changes since previous commit');
  });

  test('names each path that differs with its script, and commits nothing', async () => {
    const before = await new Commits(lab.repo).revision('check');
    const refusal = await lab.refuse(treefile('good', 'clock', 'chance'), '--check-reproducible');
    expect(refusal.message).toBe(
      'the tree is not reproducible: 3 paths differ: /usr/etc/chance/id (chance:all postinst), ' +
        '/usr/etc/chance/when (chance:all postinst), /usr/lib/clock.stamp (clock:all postinst)',
    );
    expect(await new Commits(lab.repo).revision('check')).toBe(before);
  });

  test('finds it also where a configured tree is in the cache, and in a post-process script', async () => {
    const file = treefile('good', 'clock');
    expect((await lab.compose(file)).code).toBe(0);
    expect((await lab.refuse(file, '--check-reproducible')).message).toContain(
      '/usr/lib/clock.stamp (clock:all postinst)',
    );
    const own = { ref: 'check', repos: ['base', 'app'], packages: ['good'], postprocess: ['date +%N > /usr/lib/own'] };
    const refusal = await lab.refuse(lab.treefile(own), '--check-reproducible');
    expect(refusal.message).toContain('1 path differs: /usr/lib/own (treefile postprocess)');
  });
});
