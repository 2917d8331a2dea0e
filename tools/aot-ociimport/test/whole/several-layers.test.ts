import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type TarEntry, temporary, tool } from '@apt-ostree/testkit';
import { type InRegistry, inRegistry } from '@apt-ostree/testkit/in-registry';
import { describe, expect, onTestFinished, test } from 'vitest';

// Layers come several at once, from a registry that decides which comes when.

/** Each replaces a file of the one below, and has one with an extended attribute that all have, and one of its own. */
const layers = (count: number): TarEntry[][] =>
  Array.from({ length: count }, (_, i) => [
    { name: 'usr/top', content: `${i}` },
    { name: `usr/same-${i}`, content: 'same', pax: { 'SCHILY.xattr.user.note': 'same' } },
    { name: `usr/own-${i}`, content: `${i}`.repeat(300_000), pax: { 'SCHILY.xattr.user.note': `${i}` } },
  ]);

/** Calls back for each layer that is asked for, instead of sending it. */
function holding({ registry, made }: InRegistry, asked: (layer: number, response: ServerResponse) => void): void {
  registry.fault = ({ path }, response) => {
    const layer = made.layers.findIndex(({ digest }) => path.endsWith(`/blobs/${digest}`));
    if (layer < 0) return false;
    asked(layer, response);
    return true;
  };
}

const send = ({ registry, made }: InRegistry, layer: number, response: ServerResponse): void => {
  response.end(registry.blobs.get(made.layers[layer]?.digest as string));
};

async function world(count: number) {
  const directory = temporary(onTestFinished);
  const from = await inRegistry(directory, { layers: layers(count) });
  const importing = (image: string, repo: string, ...more: string[]) =>
    tool('aot-ociimport', [image, '--repo', join(directory, repo), '--ref', 'x', ...more]);
  const ostree = (repo: string, ...args: string[]) =>
    execFileSync('ostree', [`--repo=${join(directory, repo)}`, ...args], { encoding: 'utf8' });
  return { directory, from, importing, ostree };
}

describe('layers', () => {
  test('are fetched four at once, never more, and the last one first makes the same commit', async () => {
    const { from, importing, ostree } = await world(9);
    const waiting: [number, ServerResponse][] = [];
    let [open, most, sent] = [0, 0, 0];
    holding(from, (layer, response) => {
      open++;
      most = Math.max(most, open);
      response.on('finish', () => open--);
      waiting.push([layer, response]);
      if (open < Math.min(4, 9 - sent)) return; // without four at once, this hangs
      const [last] = waiting.sort(([a], [b]) => a - b).splice(-1) as [[number, ServerResponse]];
      sent++;
      send(from, ...last);
      if (sent + waiting.length < 9) return;
      for (const held of waiting.splice(0)) {
        sent++;
        send(from, ...held);
      }
    });
    const fetched = await importing(from.image, 'fetched', '-q');
    expect(fetched).toMatchObject({ code: 0, stderr: '' });
    expect(most).toBe(4);
    const local = await importing(from.made.reference, 'local', '-q');
    expect(JSON.parse(fetched.stdout).commit).toBe(JSON.parse(local.stdout).commit);
    expect(ostree('fetched', 'cat', 'x', '/usr/top')).toBe('8');
    ostree('fetched', 'fsck', '--quiet');
  });

  test('one that is bad ends the others, which nobody sends; nothing stays, and the next try succeeds', async () => {
    const { directory, from, importing, ostree } = await world(6);
    const ended: number[] = [];
    holding(from, (layer, response) => {
      response.on('close', () => ended.push(layer));
      response.writeHead(200, { 'content-length': from.made.layers[layer]?.size as number });
      if (layer === 2) response.end(Buffer.alloc(from.made.layers[2]?.size as number));
      else response.flushHeaders();
    });
    const failed = await importing(from.image, 'repo', '-q');
    expect(failed).toMatchObject({ code: 65, stdout: '' });
    expect(failed.stderr).toContain(from.made.layers[2]?.digest);
    expect(ended.sort()).toEqual([0, 1, 2, 3]);
    expect(ostree('repo', 'refs')).toBe('');
    expect(readdirSync(join(directory, 'repo/tmp')).filter((name) => name.startsWith('aot'))).toEqual([]);
    from.registry.fault = () => false;
    expect(await importing(from.image, 'repo', '-q')).toMatchObject({ code: 0, stderr: '' });
    ostree('repo', 'fsck', '--quiet');
  });

  test('count for the progress, those alone that come', async () => {
    const { directory, from, importing } = await world(5);
    expect((await importing(from.image, 'repo', '-q')).code).toBe(0);
    const newer = await inRegistry(join(directory, 'newer'), { layers: layers(6) });
    const { code, stderr } = await importing(newer.image, 'repo', '--progress-fd', '2');
    expect(code, stderr).toBe(0);
    const events = stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    const size = newer.made.layers[5]?.size;
    expect(events.at(-1)).toMatchObject({ type: 'end', phase: 'layers', unit: 'bytes', done: size, total: size });
  });
});
