import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ToolResult, tool } from '@apt-ostree/testkit';
import { answer, type FakeRegistry, type Fault, fakeRegistry } from '@apt-ostree/testkit/fake-registry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallCommit } from '../small-commit.ts';

// What a registry may do to those who push to it.

let directory: string;
let source: { repo: string; commit: string };
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'push-'));
  source = smallCommit(join(directory, 'commit'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function push({ host }: FakeRegistry, ...options: string[]): Promise<ToolResult> {
  const from = ['--repo', source.repo, '--ref', source.commit, '--cachedir', join(directory, 'cache')];
  const output = options.includes('--output') ? [] : ['--output', `registry:${host}/team/os:1`];
  return tool('aot-ociexport', ['--quiet', ...from, ...output, ...options]);
}

const isUpload = (method: string, path: string): boolean => method !== 'HEAD' && path.includes('/blobs/uploads/');
const answering =
  (status: number): Fault =>
  ({ method, path }, response) =>
    isUpload(method, path) && answer(response, status);

const FAULTS: Record<string, [Fault, number, RegExp]> = {
  'answers 401': [answering(401), 1, /access denied \(401\)\nhint: there is no login for/],
  'answers 403': [answering(403), 1, /access denied \(403\)/],
  'answers 404': [answering(404), 1, /the registry has no such repository \(404\)\nhint: /],
  'answers 429': [answering(429), 69, /the registry answered 429/],
  'answers 500': [answering(500), 69, /the registry answered 500/],
  'closes early': [
    ({ method, path }, _, { socket }) => isUpload(method, path) && socket.destroy() !== undefined,
    69,
    /connection/,
  ],
  'sends uploads elsewhere, without TLS': [
    ({ method, path }, response) =>
      isUpload(method, path) && answer(response, 202, { location: 'ftp://example.org/x' }),
    69,
    /wants an upload to go on over ftp/,
  ],
  'says that it has another blob': [
    ({ method, path }, response) => method === 'PUT' && path.includes('/blobs/') && answer(response, 400),
    1,
    /the registry refuses blob 'sha256:[0-9a-f]{64}' \(400\)/,
  ],
  'does not take the manifest': [
    ({ method, path }, response) => method === 'PUT' && path.includes('/manifests/') && answer(response, 413),
    1,
    /the registry refuses manifest 'sha256:[0-9a-f]{64}' \(413\)/,
  ],
};

test.each(Object.entries(FAULTS))(
  'one that %s: the error says so, and no image is there',
  async (_, [fault, code, said]) => {
    const registry = await fakeRegistry(fault);
    const result = await push(registry, '--retry-times', '0');
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(said) });
    expect(result.stderr).toMatch(new RegExp(`^aot-ociexport: cannot write 'registry:${registry.host}/team/os:1': `));
    expect(registry.manifests.size).toBe(0);
  },
);

test('several layers go at once', async () => {
  let [now, most] = [0, 0];
  const registry = await fakeRegistry(({ method }, response) => {
    if (method !== 'PATCH') return false;
    most = Math.max(most, ++now);
    const end = response.end.bind(response);
    response.end = () => {
      setTimeout(() => {
        now--;
        end();
      }, 200);
      return response;
    };
    return false;
  });
  expect(await push(registry)).toMatchObject({ code: 0 });
  expect(most).toBe(4);
});

test('what the repository of the image before has is taken over from there', async () => {
  const registry = await fakeRegistry();
  const first = await push(registry);
  const there = `registry:${registry.host}/team/os:1`;
  registry.fault = ({ method, path }, response) =>
    method === 'HEAD' && path.includes('/next/os/') && answer(response, 404);
  registry.seen.length = 0;
  const next = await push(registry, '--previous', there, '--output', `registry:${registry.host}/next/os:2`);
  expect(next, next.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(next.stdout).digest).toBe(JSON.parse(first.stdout).digest);
  const asked = registry.seen.map(({ method, path }) => `${method} ${path}`);
  expect(asked.filter((request) => request.startsWith('PATCH'))).toEqual([]);
  expect(asked.filter((request) => /^POST .*mount=sha256.*&from=team%2Fos$/.test(request)).length).toBeGreaterThan(1);
});
