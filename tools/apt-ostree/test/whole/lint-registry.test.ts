import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary, tool } from '@apt-ostree/testkit';
import { answer } from '@apt-ostree/testkit/fake-registry';
import { inRegistry } from '@apt-ostree/testkit/in-registry';
import { expect, onTestFinished, test } from 'vitest';

test('an image in a registry that asks for a login is judged with the login of --authfile', async () => {
  const directory = temporary(onTestFinished);
  const { registry, image } = await inRegistry(directory, { layers: [[{ name: 'usr/x', content: 'x' }]] });
  const login = Buffer.from('builder:s3cret').toString('base64');
  registry.fault = ({ headers }, response) =>
    headers.authorization !== `Basic ${login}` && answer(response, 401, { 'www-authenticate': 'Basic realm="r"' });
  const authfile = join(directory, 'auth.json');
  writeFileSync(authfile, JSON.stringify({ auths: { [registry.host]: { auth: login } } }));
  const lint = (...options: string[]) => tool('apt-ostree', ['compose', 'lint', '--json', image, ...options]);
  const judged = await lint('--authfile', authfile);
  expect(judged.stderr).toMatch(/error: '.*' has \d+ errors/);
  expect(JSON.parse(judged.stdout).lints.length).toBeGreaterThan(14);
  writeFileSync(authfile, '{}');
  const denied = await lint('--authfile', authfile, '--retry-times', '0');
  expect(denied).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('access denied (401)') });
});
