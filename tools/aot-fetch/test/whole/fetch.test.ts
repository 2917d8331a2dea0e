import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { archivePath } from '@apt-ostree/manifest';
import { expect, test } from 'vitest';
import { bytes, hash, Lab, parsed, until } from '../lab.ts';

const three = () => new Lab().add('aa', bytes(300_000, 1)).add('bb', bytes(20, 2)).add('cc', bytes(100_000, 3));

test('every package is in the cache under its hash, and the items are in the order of the manifest', async () => {
  const lab = three();
  const { url, log } = await lab.serve({ '/pool/aa_1_all.deb': { bytesPerSecond: 1_000_000 } });
  const { code, stdout, stderr } = await lab.at(url).run();
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(parsed(stdout)).toMatchObject({ kind: 'aot.archives/v1', treefile: { repos: ['kit'] }, packages: lab.items });
  expect(parsed(stdout).archives).toEqual(lab.expected());
  expect(lab.cached()).toEqual(
    lab
      .expected()
      .map((item) => item.file)
      .sort(),
  );
  for (const item of lab.expected())
    expect(hash(readFileSync(join(lab.cachedir, item.file as string)))).toBe(item.sha256);
  expect(log.map((entry) => entry.path).sort()).toEqual(['aa', 'bb', 'cc'].map((n) => `/pool/${n}_1_all.deb`));
});

test('a second run asks for nothing and writes the same bytes', async () => {
  const lab = three();
  const { url, log } = await lab.serve();
  const first = await lab.at(url).run();
  const second = await lab.run(['--offline']);
  expect(second).toMatchObject({ code: 0, stdout: first.stdout });
  expect(log).toHaveLength(3);
});

test('progress rises to the bytes of what is missing', async () => {
  const lab = three();
  const { url } = await lab.serve({ '*': { bytesPerSecond: 400_000 } });
  const { progress } = await lab.at(url).run([], { progress: true });
  expect(progress[0]).toMatchObject({ type: 'begin', phase: 'download', unit: 'bytes', done: 0, total: 400_020 });
  expect(progress.at(-1)).toMatchObject({ type: 'end', phase: 'download', done: 400_020, total: 400_020 });
  const done = progress.map((event) => event.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(progress.length).toBeGreaterThan(2);
  const again = await lab.run([], { progress: true });
  expect(again.progress.map(({ type, total }) => [type, total])).toEqual([
    ['begin', 0],
    ['end', 0],
  ]);
});

test('as many at once as there are jobs, and no more', async () => {
  const lab = new Lab();
  for (let n = 0; n < 9; n++) lab.add(`p${n}`, bytes(100, n));
  const { url, log } = await lab.serve({ '*': { hang: true } });
  const stop = new AbortController();
  const running = lab.at(url).run(['--jobs', '3'], { signal: stop.signal });
  await until(() => log.length >= 3);
  await sleep(300);
  expect(log).toHaveLength(3);
  stop.abort();
  await running.catch(() => {});
});

test('many at once say nothing beyond what they are asked for', async () => {
  const lab = new Lab();
  for (let n = 0; n < 20; n++) lab.add(`p${n}`, bytes(10_000, n));
  const { url } = await lab.serve({ '*': { bytesPerSecond: 50_000 } });
  expect(await lab.at(url).run(['--jobs', '20', '--quiet'])).toMatchObject({ code: 0, stderr: '' });
});

test('the file of a cut or damaged cache is fetched again', async () => {
  const lab = three();
  const { url, log } = await lab.serve();
  await lab.at(url).run();
  const [a, b] = lab.expected().map((item) => join(lab.cachedir, item.file as string)) as [string, string];
  truncateSync(a, 5);
  expect((await lab.run()).code).toBe(0);
  expect(log).toHaveLength(4);
  writeFileSync(b, 'x'.repeat(20));
  expect((await lab.run(['--verify-cache'])).code).toBe(0);
  expect(log).toHaveLength(5);
  expect(readFileSync(b)).toEqual(lab.files.get('bb'));
});

test('one file that two packages name is fetched once', async () => {
  const lab = new Lab().add('aa', bytes(1000));
  lab.items.push({ ...lab.items[0], name: 'twin' });
  const { url, log } = await lab.serve();
  const { code, stdout } = await lab.at(url).run();
  expect(code).toBe(0);
  expect(parsed(stdout).archives.map((item) => item.package)).toEqual(['aa:all', 'twin:all']);
  expect(log).toHaveLength(1);
});

test('offline: every package that is missing is named, and nothing is asked for', async () => {
  const lab = three();
  const { url, log } = await lab.serve();
  const result = await lab.at(url).run(['--offline']);
  expect(result).toMatchObject({ code: 69, stdout: '' });
  expect(result.stderr).toContain("cannot download while offline: the cache lacks 'aa', 'bb', 'cc'");
  expect(log).toHaveLength(0);
});

test('an archive on this machine is copied, also offline', async () => {
  const lab = three();
  const { code, stdout } = await lab.at(`file:${lab.directory}/archive`).run(['--offline']);
  expect(code).toBe(0);
  expect(parsed(stdout).archives).toEqual(lab.expected());
  writeFileSync(join(lab.directory, 'archive/pool/bb_1_all.deb'), 'x'.repeat(20));
  expect((await lab.run(['--verify-cache'])).code).toBe(0);
});

test('lockfile-repos are asked for what no other source has', async () => {
  const lab = new Lab().add('aa', bytes(1000), {
    source: { id: 'old', suite: 'stable', component: 'main', index: '0'.repeat(64) },
  });
  const { url, log } = await lab.serve();
  lab.at('http://127.0.0.1:9').write('old.sources', `Types: deb\nURIs: ${url}\nSuites: stable\nComponents: main\n`);
  const without = await lab.run();
  expect(without.code).toBe(78);
  expect(without.stderr).toContain("cannot locate 'aa': no source 'old' with suite 'stable' and component 'main'");
  const treefile = { repos: ['kit'], 'lockfile-repos': ['old'] };
  expect((await lab.run([], { stdin: lab.manifest({ treefile }) })).code).toBe(0);
  expect(log).toHaveLength(1);
});

test('what a package cache has is passed on, with the file where dpkg itself will unpack it', async () => {
  const lab = three().add('dd', bytes(50, 4));
  const { url, log } = await lab.serve();
  const [a, b, c] = lab.expected().map((item) => item.sha256) as [string, string, string];
  const commit = hash('commit');
  for (const sha256 of [a, b, c]) lab.write(`repo/refs/heads/aot/pkg/${sha256.slice(0, 2)}/${sha256}`, `${commit}\n`);
  lab.write('repo/config', '[core]\nmode=bare\n');
  lab.write(`cache/imported/${a}.json`, JSON.stringify({ preinst: null }));
  lab.write(`cache/imported/${b}.json`, JSON.stringify({ preinst: '#!/bin/sh\nuseradd somebody\n' }));
  const { code, stdout } = await lab.at(url).run(['--have', join(lab.directory, 'repo')]);
  expect(code).toBe(0);
  expect(parsed(stdout).archives).toEqual([
    { package: 'aa:all', sha256: a, imported: commit },
    { package: 'bb:all', sha256: b, file: archivePath(b), imported: commit },
    { package: 'cc:all', sha256: c, file: archivePath(c), imported: commit },
    lab.expected()[3],
  ]);
  expect(log.map((entry) => entry.path).sort()).toEqual(['bb', 'cc', 'dd'].map((n) => `/pool/${n}_1_all.deb`));
});

test('--have: a repository that is not there yet has nothing; something else is an error', async () => {
  const lab = three().at('file:/nowhere');
  expect((await lab.run(['--have', join(lab.directory, 'none')])).code).toBe(69);
  const wrong = await lab.run(['--have', lab.directory]);
  expect(wrong).toMatchObject({ code: 66, stdout: '' });
  expect(wrong.stderr).toContain('it is no OSTree repository');
});
