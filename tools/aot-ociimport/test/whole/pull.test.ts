import { existsSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { temporary, tool } from '@apt-ostree/testkit';
import { answer, type Fault, listen } from '@apt-ostree/testkit/fake-registry';
import { inRegistry } from '@apt-ostree/testkit/in-registry';
import { expect, onTestFinished, test } from 'vitest';

// What a registry may do to those who pull from it.

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

const isLayer = (path: string): boolean => path.includes('/blobs/');
const answering =
  (status: number): Fault =>
  (_, response) =>
    answer(response, status);

/** Sends a layer, or the configuration, as the second argument makes of it; the length is that of the right bytes. */
const sending =
  (change: (bytes: Buffer) => Buffer): ((blobs: Map<string, Buffer>) => Fault) =>
  (blobs) =>
  ({ path }, response) => {
    const bytes = blobs.get(path.replace(/.*\//, ''));
    if (!isLayer(path) || bytes === undefined) return false;
    response.writeHead(200, { 'content-length': bytes.length });
    response.end(change(bytes));
    return true;
  };

const FAULTS: Record<string, [(blobs: Map<string, Buffer>) => Fault, number, RegExp]> = {
  'answers 401': [() => answering(401), 1, /access denied \(401\)\nhint: there is no login for/],
  'answers 403': [() => answering(403), 1, /access denied \(403\)/],
  'answers 404': [() => answering(404), 66, /there is no such image/],
  'answers 429': [() => answering(429), 69, /the registry answered 429/],
  'answers 500': [() => answering(500), 69, /the registry answered 500/],
  'closes early': [
    () =>
      ({ path }, response) => {
        if (!isLayer(path)) return false;
        response.writeHead(200, { 'content-length': 1000 }).write('x');
        setTimeout(() => response.destroy(), 50);
        return true;
      },
    69,
    /connection/,
  ],
  'lies about the length': [sending((bytes) => bytes.subarray(0, -1)), 69, /connection/],
  'sends other bytes': [sending((bytes) => Buffer.alloc(bytes.length)), 65, /sha256/],
  'gives another manifest than it says': [
    () =>
      ({ path }, response) => {
        if (!path.includes('/manifests/')) return false;
        response.writeHead(200, { 'content-type': MANIFEST, 'docker-content-digest': `sha256:${'0'.repeat(64)}` });
        response.end('{}');
        return true;
      },
    65,
    /sha256/,
  ],
  'redirects to a file': [
    () =>
      ({ path }, response) =>
        isLayer(path) && answer(response, 307, { location: 'file:///etc/passwd' }),
    69,
    /redirects \(307\) from http: to file:/,
  ],
};

test.each(Object.entries(FAULTS))(
  'one that %s: the error says so, and no commit is there',
  async (_, [of, code, said]) => {
    const directory = temporary(onTestFinished);
    const { registry, image } = await inRegistry(directory, { layers: [[{ name: 'usr/x', content: 'x' }]] });
    registry.fault = of(registry.blobs);
    const repo = join(directory, 'repo');
    const pull = () => tool('aot-ociimport', [image, '-q', '--repo', repo, '--ref', 'x', '--retry-times', '0']);
    expect(await pull()).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(said) });
    expect(existsSync(join(repo, 'refs/heads/x'))).toBe(false);
    registry.fault = () => false;
    expect(await pull()).toMatchObject({ code: 0, stderr: '' });
  },
);

const SECRET = 's3cret';
const basic = (password: string): string => Buffer.from(`builder:${password}`).toString('base64');

/** An image in a registry that wants a login, and the options for a pull with this password. */
async function behindLogin(password: string) {
  const directory = temporary(onTestFinished);
  const world = await inRegistry(directory, { layers: [[{ name: 'usr/x', content: 'x' }]] });
  const asking: Fault = ({ headers }, response) =>
    headers.authorization !== `Basic ${basic(SECRET)}` &&
    answer(response, 401, { 'www-authenticate': 'Basic realm="registry"' });
  world.registry.fault = asking;
  const authfile = join(directory, 'auth.json');
  writeFileSync(authfile, JSON.stringify({ auths: { [world.registry.host]: { auth: basic(password) } } }));
  const words = [world.image, '-q', '--repo', join(directory, 'repo'), '--authfile', authfile, '--retry-times', '1'];
  return { ...world, asking, pull: () => tool('aot-ociimport', words, { env: { AOT_DEBUG: '1' } }) };
}

test('a wrong password is refused, and in no output', async () => {
  const { pull } = await behindLogin('s3kret');
  const { code, stdout, stderr } = await pull();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/access denied \(401\)\nhint: the login for '127\.0\.0\.1:\d+' in '.*auth\.json' is wrong/);
  expect(stderr).not.toMatch(new RegExp(`s3kret|${basic('s3kret')}`));
});

test('a redirection to another host goes there without the login', async () => {
  const { registry, asking, pull } = await behindLogin(SECRET);
  const elsewhere: IncomingMessage['headers'][] = [];
  let well = false;
  const other = await listen(({ headers, url = '' }, response) => {
    elsewhere.push(headers);
    if (well) response.end(registry.blobs.get(url.slice(1)));
    else answer(response, 401, { 'www-authenticate': 'Basic realm="other"' });
  });
  registry.fault = (request, response, incoming) => {
    if (asking(request, response, incoming)) return true;
    const location = `http://${other}/${request.path.replace(/.*\//, '')}`;
    return isLayer(request.path) && answer(response, 307, { location });
  };
  const refused = await pull();
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('access denied (401)') });
  well = true;
  const pulled = await pull();
  expect(pulled).toMatchObject({ code: 0 });
  expect(elsewhere.length).toBeGreaterThan(2);
  expect(elsewhere.filter((headers) => 'authorization' in headers)).toEqual([]);
  expect(refused.stderr + pulled.stderr + pulled.stdout).not.toMatch(new RegExp(`${SECRET}|${basic(SECRET)}`));
});

test('one that is busy is asked again, after the time that it says', async () => {
  const { registry, asking, pull } = await behindLogin(SECRET);
  let busy = 0;
  registry.fault = (request, response, incoming) =>
    asking(request, response, incoming) ||
    (isLayer(request.path) && busy++ === 0 && answer(response, 429, { 'retry-after': '1' }));
  expect(await pull()).toMatchObject({ code: 0 });
  const layers = registry.seen.filter(({ path, headers }) => isLayer(path) && headers.authorization !== undefined);
  expect(layers.length - new Set(layers.map(({ path }) => path)).size).toBe(1);
});
