import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archivePath } from '@apt-ostree/manifest';
import { type Fault, fullDisk } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { bytes, hash, Lab, parsed } from '../lab.ts';

const CONTENT = bytes(1_000_000);
const PATH = '/pool/big_1_all.deb';

async function withFault(fault: Fault) {
  const lab = new Lab().add('big', CONTENT);
  const served = await lab.serve({ [PATH]: fault });
  return { lab: lab.at(served.url), served };
}

interface Case {
  summary: string;
  fault: Fault;
  requests: number;
}

test.each<Case>([
  { summary: 'a connection that broke is taken up by range', fault: { dropAfter: 400_000 }, requests: 2 },
  { summary: 'one that breaks again and again, but gets on', fault: { dropAfter: 300_000, times: 3 }, requests: 4 },
  { summary: 'a server without ranges starts over', fault: { dropAfter: 400_000, noRange: true }, requests: 2 },
  { summary: 'a server in trouble is asked again', fault: { status: 503, times: 2 }, requests: 3 },
  { summary: 'one that has too much to do', fault: { status: 429, times: 1 }, requests: 2 },
  { summary: 'a request that timed out there', fault: { status: 408, times: 1 }, requests: 2 },
  { summary: 'a slow one', fault: { bytesPerSecond: 2_000_000 }, requests: 1 },
])('survived: $summary', async ({ fault, requests }) => {
  const { lab, served } = await withFault(fault);
  const { code, stdout, stderr } = await lab.run([], { progress: true });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(parsed(stdout).archives).toEqual(lab.expected());
  expect(lab.cached()).toEqual([archivePath(hash(CONTENT))]);
  expect(served.log).toHaveLength(requests);
});

test('a range is asked for only if the file is still the same', async () => {
  const { lab, served } = await withFault({ dropAfter: 400_000 });
  await lab.run();
  expect(served.log[1]).toMatchObject({ range: 'bytes=400000-', status: 206, bytes: 600_000 });
  expect(served.log[1]?.headers['if-range']).toBeTypeOf('string');
});

interface Failing extends Case {
  code: number;
  message: string;
}

test.each<Failing>([
  {
    summary: 'not there',
    fault: { status: 404 },
    requests: 1,
    code: 69,
    message: "cannot download 'big_1_all.deb': not found (404)",
  },
  { summary: 'refused', fault: { status: 403 }, requests: 1, code: 69, message: 'the server refuses (403)' },
  { summary: 'never well', fault: { status: 500 }, requests: 3, code: 69, message: 'the server answered 500' },
  {
    summary: 'never whole',
    fault: { dropAfter: 1000, times: 99 },
    requests: 3,
    code: 69,
    message: 'the connection was',
  },
  {
    summary: 'another file of the same size',
    fault: { body: bytes(1_000_000, 7) },
    requests: 2,
    code: 65,
    message: "cannot verify 'big_1_all.deb': SHA256 differs",
  },
  {
    summary: 'too long',
    fault: { body: bytes(1_000_001) },
    requests: 2,
    code: 65,
    message: 'size differs: 1000001 bytes, not 1000000',
  },
  {
    summary: 'too short',
    fault: { body: bytes(999_999) },
    requests: 2,
    code: 65,
    message: 'size differs: 999999 bytes, not 1000000',
  },
  { summary: 'a length that lies', fault: { lengthOff: -10 }, requests: 2, code: 65, message: 'size differs' },
])('an error: $summary', async ({ fault, requests, code, message }) => {
  const { lab, served } = await withFault(fault);
  lab.configure('Acquire::Retries "2";');
  const result = await lab.run();
  expect(result).toMatchObject({ code, stdout: '' });
  expect(result.stderr).toContain(message);
  expect(result.stderr).toContain('hint: ');
  expect(served.log).toHaveLength(requests);
  expect(lab.cached().filter((path) => path.startsWith('archives'))).toEqual([]);
});

test('wrong bytes are asked for once more, past all caches', async () => {
  const { lab, served } = await withFault({ body: bytes(1_000_000, 7) });
  await lab.run();
  expect(served.log.map((entry) => entry.headers['cache-control'])).toEqual([undefined, 'no-cache']);
  expect(served.log.map((entry) => entry.range)).toEqual([undefined, undefined]);
});

test('a server that is not there', async () => {
  const lab = new Lab().add('big', CONTENT).at('http://127.0.0.1:9').configure('Acquire::Retries "0";');
  const result = await lab.run();
  expect(result).toMatchObject({ code: 69, stdout: '' });
  expect(result.stderr).toContain("cannot download 'big_1_all.deb': connection refused at 'http://127.0.0.1:9/pool/");
});

test('a server that never answers ends with the time-out of apt', async () => {
  const { lab } = await withFault({ hang: true });
  const result = await lab.configure('Acquire::http::Timeout "1";', 'Acquire::Retries "0";').run();
  expect(result).toMatchObject({ code: 69, stdout: '' });
  expect(result.stderr).toContain('timed out waiting for an answer');
});

test('a mirror that lacks a package, or has another, is followed by the next', async () => {
  const lab = new Lab().add('one', bytes(100, 1)).add('two', bytes(100, 2));
  const bad = await lab.serve({
    '/pool/one_1_all.deb': { status: 404 },
    '/pool/two_1_all.deb': { body: bytes(100, 3) },
  });
  const good = await lab.serve();
  const { code } = await lab.at(bad.url, good.url).run();
  expect(code).toBe(0);
  expect(good.log).toHaveLength(2);
});

test('what one mirror began another one ends', async () => {
  const lab = new Lab().add('big', CONTENT).configure('Acquire::Retries "0";');
  const first = await lab.serve({ [PATH]: { dropAfter: 400_000, times: 99 } });
  const second = await lab.serve();
  expect((await lab.at(first.url, second.url).run()).code).toBe(0);
  expect(second.log.map((entry) => [entry.range, entry.status])).toEqual([['bytes=400000-', 206]]);
});

test('one failure ends the others', async () => {
  const lab = new Lab().add('big', CONTENT).add('none', bytes(10));
  const { url } = await lab.serve({ [PATH]: { bytesPerSecond: 10_000 }, '/pool/none_1_all.deb': { status: 404 } });
  const begin = performance.now();
  const { code, stderr } = await lab.at(url).run();
  expect({ code, stderr }).toMatchObject({ code: 69, stderr: expect.stringContaining("'none_1_all.deb'") });
  expect(performance.now() - begin).toBeLessThan(30_000); // alone it would take 100 s
});

test('an unwritable cache directory', async () => {
  const lab = new Lab().add('big', CONTENT);
  const { url } = await lab.serve();
  writeFileSync(lab.cachedir, 'a file');
  const result = await lab.at(url).run();
  expect(result).toMatchObject({ code: 73, stdout: '' });
  expect(result.stderr).toContain('cannot write to the cache directory');
});

test('a full disk: the error says so, and no temporary file stays', async () => {
  const disk = await fullDisk(2);
  onTestFinished(() => disk.close());
  const lab = new Lab(join(disk.path, 'cache')).add('one', bytes(1_500_000, 1)).add('two', bytes(1_500_000, 2));
  const { url } = await lab.serve();
  const result = await lab.at(url).run([], { prefix: disk.prefix });
  expect(result).toMatchObject({ code: 74, stdout: '' });
  expect(result.stderr).toContain('no space left on device');
  expect(readdirSync(join(disk.outside, 'cache/tmp')).filter((name) => !name.endsWith('.part'))).toEqual([]);
});

test('a wrong part of an earlier run costs one more request, not the build', async () => {
  const { lab, served } = await withFault({});
  mkdirSync(join(lab.cachedir, 'tmp'), { recursive: true });
  writeFileSync(join(lab.cachedir, `tmp/${hash(CONTENT)}.part`), bytes(500_000, 9));
  expect((await lab.run()).code).toBe(0);
  expect(served.log.map((entry) => entry.range)).toEqual(['bytes=500000-', undefined]);
});

test.each([
  ['', 66],
  ['{"kind":"aot.packages/v1","treefile"', 65],
  ['{"kind":"aot.rootfs/v1"}', 65],
  ['{"kind":"aot.packages/v2"}', 65],
])('a manifest that is none: %j ends with %i', async (stdin, code) => {
  expect(await new Lab().run([], { stdin })).toMatchObject({ code, stdout: '' });
});

test('a path that climbs is refused before anything is done', async () => {
  const lab = new Lab().add('big', CONTENT, { path: '../../etc/passwd' });
  const { url, log } = await lab.serve();
  expect(await lab.at(url).run()).toMatchObject({ code: 65, stdout: '' });
  expect(log).toEqual([]);
});

test.each(['0', '65', 'x', '1.5'])('--jobs %s is refused', async (jobs) => {
  expect(await new Lab().run(['--jobs', jobs])).toMatchObject({ code: 64, stdout: '' });
});
