import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { temporary, tool } from '@apt-ostree/testkit';
import { answer, type Fault } from '@apt-ostree/testkit/fake-registry';
import { expect, onTestFinished, test } from 'vitest';
import { inRegistry } from '../in-registry.ts';

// What a registry may do to those who pull from it.

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
