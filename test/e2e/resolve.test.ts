import { chmodSync, chownSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { machineSources } from '@apt-ostree/apt';
import { type PackagesManifest, packageId } from '@apt-ostree/manifest';
import { type ToolOptions, temporary, tool } from '@apt-ostree/testkit';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { CACHE, TOP } from '../lib/checkout.ts';

const treefile = join(TOP, 'docs/examples/minimal.yaml');
let text: string;
let manifest: PackagesManifest;

async function resolve(args: string[], options?: ToolOptions): Promise<string> {
  const { code, stdout, stderr } = await tool('aot-resolve', args, options);
  if (code !== 0) throw new Error(`aot-resolve ended with ${code}: ${stderr}`);
  return stdout;
}

beforeAll(async () => {
  text = await resolve([treefile, '--cachedir', CACHE]);
  manifest = JSON.parse(text) as PackagesManifest;
});

test('the real archive gives a base system with apt', () => {
  const named = new Map(manifest.packages.map((p) => [p.name, p]));
  for (const name of ['base-files', 'bash', 'dpkg', 'libc6', 'perl-base'])
    expect(named.get(name)).toMatchObject({ automatic: true, essential: true });
  expect(named.get('apt')).toMatchObject({ automatic: false, essential: false });
  expect(manifest.indices.map((i) => i.codename)).toContain('trixie');
});

test('every package is unpacked once, and what is Essential is configured', () => {
  const unpacked = manifest.plan.filter((s) => s.action === 'unpack').flatMap((s) => s.packages);
  expect(unpacked.sort()).toEqual(manifest.packages.map(packageId).sort());
  const configured = manifest.plan.filter((s) => s.action === 'configure').flatMap((s) => s.packages);
  expect(configured).toEqual(expect.arrayContaining(manifest.essential));
});

test('no host is in the manifest', () => {
  const hosts = machineSources('trixie').flatMap((s) => s.uris.map((uri) => new URL(uri).hostname));
  for (const host of hosts.filter((name) => name !== '')) expect(text).not.toContain(host);
});

test('the same bytes come from another place, locale, time zone, cache and user', async () => {
  const cachedir = temporary(onTestFinished);
  for (const open of [cachedir, dirname(cachedir)]) chmodSync(open, 0o755);
  const own = join(cachedir, 'cache');
  mkdirSync(own);
  const user = process.getuid?.() === 0;
  if (user) chownSync(own, 65534, 65534);
  copyFileSync(treefile, join(cachedir, 'minimal.yaml'));
  chmodSync(join(cachedir, 'minimal.yaml'), 0o644);
  const again = await resolve(['minimal.yaml', '--cachedir', 'cache'], {
    cwd: cachedir,
    env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'de_DE.UTF-8', HOME: own },
    ...(user ? { prefix: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] } : {}),
  });
  expect(again).toBe(text);
});

test('with its lock the treefile gives the same bytes without any archive', async () => {
  const directory = temporary(onTestFinished);
  const lock = join(directory, 'lock.json');
  writeFileSync(lock, text);
  const env = { http_proxy: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' };
  expect(await resolve([treefile, '--lockfile', lock, '--cachedir', join(directory, 'cache')], { env })).toBe(text);
});
