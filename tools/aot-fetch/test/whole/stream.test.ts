import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { readStream } from '@apt-ostree/manifest';
import { start } from '@apt-ostree/run';
import { temporary, toolPath } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { bytes, Lab, parsed } from '../lab.ts';

async function* linesOf(text: string): AsyncIterable<string> {
  yield* text.split('\n').filter((line) => line !== '');
}

test('a stream has the same items as the document, in the same order, however they arrive', async () => {
  const lab = new Lab().add('slow', bytes(60_000, 1)).add('quick', bytes(10, 2)).add('last', bytes(10, 3));
  const { url } = await lab.serve({ '/pool/slow_1_all.deb': { bytesPerSecond: 100_000 } });
  const { code, stdout } = await lab.at(url).run(['--stream']);
  expect(code).toBe(0);
  const seen: string[] = [];
  const manifest = await readStream(
    linesOf(stdout),
    () => {},
    (item) => seen.push(item.package),
  );
  expect(seen).toEqual(['slow:all', 'quick:all', 'last:all']);
  const whole = await lab.run();
  expect(manifest).toEqual(parsed(whole.stdout));
  expect((await lab.run(['--stream'])).stdout).toBe(stdout);
});

test('an item comes while later ones are still on their way', async () => {
  const lab = new Lab().add('first', bytes(10, 1)).add('second', bytes(10, 2));
  const served = await lab.serve({ '/pool/second_1_all.deb': { hang: true } });
  lab.at(served.url);
  const { child, ended } = start(process.execPath, [toolPath('aot-fetch'), ...lab.argv('--stream')], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...lab.environment() },
  });
  child.stdin?.end(lab.manifest());
  let text = '';
  for await (const chunk of child.stdout as Readable) {
    text += chunk;
    if (text.includes('"first:all"')) break;
  }
  child.kill('SIGINT');
  await ended;
  expect(text).not.toContain('second:all');
});

test('a failure leaves a stream without its end', async () => {
  const lab = new Lab().add('aa', bytes(10, 1)).add('bb', bytes(10, 2));
  const { url } = await lab.serve({ '/pool/bb_1_all.deb': { status: 404 } });
  const { code, stdout, stderr } = await lab.at(url).run(['--stream']);
  expect(code).toBe(69);
  expect(stderr).toContain("cannot download 'bb_1_all.deb': not found (404)");
  const lines = linesOf(stdout);
  await expect(
    readStream(
      lines,
      () => {},
      () => {},
    ),
  ).rejects.toMatchObject({ exit: 65 });
});

test('a reader that goes away ends the work', async () => {
  const lab = new Lab().add('aa', bytes(10, 1)).add('bb', bytes(10, 2));
  const { url } = await lab.serve({ '*': { bytesPerSecond: 20 } });
  lab.at(url);
  const { child, ended } = start(process.execPath, [toolPath('aot-fetch'), ...lab.argv('--stream')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...lab.environment() },
  });
  child.stdin?.end(lab.manifest());
  await once(child.stdout as Readable, 'data');
  child.stdout?.destroy();
  let stderr = '';
  for await (const chunk of child.stderr as Readable) stderr += chunk;
  expect((await ended).code).toBe(74);
  expect(stderr).not.toContain('internal error');
});

test('--stream and --output exclude each other', async () => {
  const result = await new Lab().run(['--stream', '--output', join(temporary(onTestFinished), 'file')]);
  expect(result).toMatchObject({ code: 64, stdout: '' });
});
