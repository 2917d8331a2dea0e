import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@apt-ostree/run';
import { expect, test } from 'vitest';
import { bytes, Lab, parsed } from '../lab.ts';

const SCRIPT = fileURLToPath(new URL('../../../../docs/examples/stages/fetch.sh', import.meta.url));

/** The script takes its archives from apt's own sources, so apt gets one. */
async function withScript(lab: Lab, url: string) {
  lab.at(url).write('etc/sources.list', `deb ${url}/ stable main\n`);
  lab.configure(`Dir::Etc::sourcelist "${lab.directory}/etc/sources.list";`, 'Dir::Etc::sourceparts "/dev/null";');
  const env = lab.environment();
  return (input: string, ...args: string[]) => run(SCRIPT, lab.argv(...args), { input, env, ok: 'any' });
}

test('the shell script of the documentation says what aot-fetch says', async () => {
  const lab = new Lab().add('one', bytes(1000, 1)).add('two', bytes(1000, 2));
  const { url } = await lab.serve();
  const script = await withScript(lab, url);
  const { exitCode, stdout, stderr } = await script(lab.manifest());
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(parsed(stdout)).toEqual(parsed((await lab.run(['--offline', '--verify-cache'])).stdout));
});

test('and fails as it does', async () => {
  const lab = new Lab().add('one', bytes(1000, 1));
  const { url } = await lab.serve({ '/pool/one_1_all.deb': { body: bytes(1000, 2) } });
  const script = await withScript(lab, url);
  const code = async (input: string, ...args: string[]) => {
    const { exitCode, stdout } = await script(input, ...args);
    expect(stdout).toBe('');
    return exitCode;
  };
  expect(await code('')).toBe(66);
  expect(await code('{"kind":"aot.packages/v1"')).toBe(65);
  expect(await code('{"kind":"aot.rootfs/v1"}')).toBe(65);
  expect(await code(lab.manifest(), '--nonsense')).toBe(64);
  expect(await code(lab.manifest())).toBe(69);
  expect(lab.cached()).toEqual([]);
  rmSync(join(lab.directory, 'archive'), { recursive: true });
  expect(await code(lab.manifest())).toBe(69);
});
