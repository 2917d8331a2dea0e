import { tool } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { smallSysroot } from '../small-sysroot.ts';

test('without a command the help is on standard error, before the error', async () => {
  const { stdout: help } = await tool('apt-ostree', ['--help']);
  expect(await tool('apt-ostree', [])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `${help}\nerror: no command specified\nhint: see 'apt-ostree --help'\n`,
  });
  expect((await tool('apt-ostree', ['--json-errors'])).stderr).toMatch(/^\{"error":.*\}\n$/);
  expect((await tool('apt-ostree', ['nothing'])).stderr).toBe(
    "error: unknown command 'nothing'\nhint: see 'apt-ostree --help'\n",
  );
});

test('options may come before the command, with their values', async () => {
  const lab = await smallSysroot();
  const commit = await lab.commit({ version: '1' });
  await lab.deploy('os');
  for (const words of [
    ['--sysroot', lab.path, 'status'],
    ['--quiet', `--sysroot=${lab.path}`, 'status', '--verbose'],
    ['--verbose', '--sysroot', lab.path, 'status'],
  ])
    expect(await tool('apt-ostree', words)).toMatchObject({ code: 0, stdout: expect.stringContaining(commit) });
  const list = await tool('apt-ostree', ['--repo', lab.repo, 'db', 'version', commit]);
  expect(list.stderr).not.toContain('unknown');
});
