import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { hostArchitecture, tool } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { Workshop } from '../workshop.ts';

const packages = [{ name: 'hello', control: { Depends: 'libhello' } }, { name: 'libhello' }];
const treefile = { repos: ['vendor'], packages: ['hello'] };

/** Serves a directory; `hold` keeps every answer back. */
async function serve(directory: string, hold = false) {
  const asked: string[] = [];
  let first: () => void = () => {};
  const wasAsked = new Promise<void>((resolve) => {
    first = resolve;
  });
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    first();
    if (hold) return;
    try {
      response.end(readFileSync(join(directory, request.url ?? '')));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked, wasAsked };
}

test('an archive over HTTP: indices are fetched by hash, and no package is downloaded', async () => {
  const shop = new Workshop();
  const { uri, asked } = await serve(join(shop.directory, 'archive-vendor'));
  await shop.archive('vendor', { packages }, '', uri);
  const { stdout } = await shop.run(treefile);
  expect(JSON.parse(stdout).packages).toHaveLength(2);
  expect(stdout).not.toContain('127.0.0.1');
  expect(asked.some((path) => path.includes('/by-hash/SHA256/'))).toBe(true);
  expect(asked.filter((path) => path.includes('/pool/'))).toEqual([]);
});

test('an index that the archive lacks is an error', async () => {
  const shop = new Workshop();
  const { uri } = await serve(join(shop.directory, 'archive-nothing'));
  await shop.archive('vendor', { packages }, '', uri);
  const { code, stdout, stderr } = await shop.run(treefile);
  expect([code, stdout]).toEqual([69, '']);
  expect(stderr).toContain("'vendor testkit'");
});

test('an interrupt ends it at once, with nothing left behind', async () => {
  const shop = new Workshop();
  const { uri, wasAsked } = await serve(shop.directory, true);
  await shop.archive('vendor', { packages }, '', uri);
  const running = tool(
    'aot-resolve',
    [shop.write('tree.json', JSON.stringify({ ref: 'x', ...treefile })), '--cachedir', shop.cachedir],
    { progress: true, timeout: 30_000 },
  );
  await wasAsked;
  interruptChild(shop.cachedir);
  const { code, stdout } = await running;
  expect([code, stdout]).toEqual([130, '']);
  await shop.archive('vendor', { packages });
  expect((await shop.run(treefile)).code).toBe(0);
  expect(readdirSync(join(shop.cachedir, 'tmp'))).toEqual([]);
});

/** Sends SIGINT to the process whose command line names this cache directory. */
function interruptChild(cachedir: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const words = commandLine(pid);
    if (words.includes(cachedir) && words.some((w) => w.endsWith('/aot-resolve/dist/main.js')))
      process.kill(Number(pid), 'SIGINT');
  }
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // ended meanwhile
  }
}

test('tells how far it is', async () => {
  const shop = new Workshop();
  await shop.archive('vendor', { packages });
  const file = shop.write('tree.json', JSON.stringify({ ref: 'x', ...treefile }));
  const { progress } = await tool('aot-resolve', [file, '--cachedir', shop.cachedir], { progress: true });
  for (const phase of ['index', 'solve']) {
    const events = progress.filter((e) => e.phase === phase);
    expect(events.map((e) => e.type)).toEqual(expect.arrayContaining(['begin', 'end']));
    expect(events.at(-1)).toMatchObject({ type: 'end', done: events.at(-1)?.total });
  }
});

test('packages of another architecture stand beside the own ones', async () => {
  const shop = new Workshop();
  const other = hostArchitecture() === 'i386' ? 'amd64' : 'i386';
  const lib = (architecture: string) => ({ name: 'lib', architecture, control: { 'Multi-Arch': 'same' } });
  await shop.archive('vendor', {
    architectures: [hostArchitecture(), other],
    packages: [
      lib(hostArchitecture()),
      lib(other),
      { name: 'app', architecture: hostArchitecture(), control: { Depends: 'lib' } },
    ],
  });
  const manifest = await shop.resolve({ repos: ['vendor'], packages: ['app', `lib:${other}`] });
  expect(manifest.foreignArchitectures).toEqual([other]);
  expect(manifest.packages.map((p) => [p.name, p.architecture, p.automatic])).toEqual([
    ['app', hostArchitecture(), false],
    ...[
      ['lib', hostArchitecture(), true],
      ['lib', other, false],
    ].sort(),
  ]);
  const none = { repos: ['vendor'], packages: [`lib:${other}`], 'exclude-packages': ['lib'] };
  expect((await shop.run(none)).code).not.toBe(0);
});
