import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { start } from '@apt-ostree/run';
import { toolPath } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { bytes, hash, Lab, until } from '../lab.ts';

const CONTENT = bytes(2_000_000);

function begin(lab: Lab) {
  const { child, ended } = start(process.execPath, [toolPath('aot-fetch'), ...lab.argv()], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...lab.environment() },
  });
  child.stdin?.end(lab.manifest());
  return { child, ended, stdout: text(child.stdout as Readable) };
}

const temporaryFiles = (lab: Lab) => readdirSync(join(lab.cachedir, 'tmp'));

test('SIGINT ends it at once; what came is kept, and the next run goes on from there', async () => {
  const lab = new Lab().add('big', CONTENT);
  const { url, log, faults } = await lab.serve({ '*': { bytesPerSecond: 500_000 } });
  const { child, ended, stdout } = begin(lab.at(url));
  await until(() => (log[0]?.bytes ?? 0) > 200_000);
  const before = performance.now();
  child.kill('SIGINT');
  expect(await ended).toEqual({ code: 130, signal: null });
  expect(performance.now() - before).toBeLessThan(2000);
  expect(await stdout).toBe('');
  expect(temporaryFiles(lab)).toEqual([`${hash(CONTENT)}.part`]);

  delete faults['*'];
  expect((await lab.run()).code).toBe(0);
  expect(log[1]?.range).toMatch(/^bytes=[1-9]\d{4,}-$/);
  expect(temporaryFiles(lab)).toEqual([]);
});

test('SIGKILL: the next run sweeps what lies about', async () => {
  const lab = new Lab().add('big', CONTENT);
  const { url, log, faults } = await lab.serve({ '*': { bytesPerSecond: 500_000 } });
  const { child, ended } = begin(lab.at(url));
  await until(() => (log[0]?.bytes ?? 0) > 100_000);
  child.kill('SIGKILL');
  await ended;
  expect(temporaryFiles(lab)).not.toEqual([]);
  delete faults['*'];
  expect((await lab.run()).code).toBe(0);
  expect(temporaryFiles(lab)).toEqual([]);
});

test('two at once over one cache: both end well, and nothing is broken', async () => {
  const lab = new Lab();
  for (let n = 0; n < 20; n++) lab.add(`pkg${n}`, bytes(20_000, n));
  const { url } = await lab.serve();
  const both = [begin(lab.at(url)), begin(lab)];
  const outputs = await Promise.all(both.map(({ stdout }) => stdout));
  expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([
    { code: 0, signal: null },
    { code: 0, signal: null },
  ]);
  expect(outputs[0]).toBe(outputs[1]);
  expect((await lab.run(['--offline', '--verify-cache'])).code).toBe(0);
  expect(temporaryFiles(lab)).toEqual([]);
});

test('a big package passes through little memory', async () => {
  const lab = new Lab().add('big', Buffer.alloc(200 * 1024 * 1024, 'apt-ostree'));
  const { url } = await lab.serve();
  const { child, ended } = begin(lab.at(url));
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid as number));
  }, 20);
  expect((await ended).code).toBe(0);
  clearInterval(watch);
  expect(peak).toBeGreaterThan(20_000);
  expect(peak).toBeLessThan(150_000);
});

/** The largest resident size of a process so far, in KiB. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
