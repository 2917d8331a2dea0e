import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { lock, type Started, start, sweep, temporaryDirectory } from '../src/index.ts';
import { bundle } from './bundle.ts';

const scratch = mkdtempSync(join(tmpdir(), 'lock-'));
const program = await bundle('holder');
let directory: string;
afterAll(() => rmSync(scratch, { recursive: true }));
beforeEach(() => {
  directory = mkdtempSync(join(scratch, 'd'));
});
/** Another process that holds a lock; resolves once it does. */
async function holder(what: 'lock' | 'temporary', path: string): Promise<Started> {
  const started = start(process.execPath, [program, what, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void started.child.kill('SIGKILL'));
  await new Promise((resolve) => started.child.stdout?.once('data', resolve));
  return started;
}

describe('a lock', () => {
  test('is held by one at a time, and names its holder', async () => {
    const file = join(directory, 'lock');
    const held = await lock(file, { wait: true, what: 'the first' });
    await expect(lock(file, { wait: false })).rejects.toMatchObject({
      exit: 75,
      code: 'busy',
      message: `cannot lock '${file}': held by the first (process ${process.pid})`,
    });
    await held.release();
    await (await lock(file, { wait: false })).release();
  });

  test('is waited for', async () => {
    const file = join(directory, 'lock');
    const order: string[] = [];
    const first = await lock(file);
    const second = lock(file).then((held) => {
      order.push('second');
      return held;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    order.push('released');
    await first.release();
    await (await second).release();
    expect(order).toEqual(['released', 'second']);
  });

  test('whose file was removed meanwhile is taken on the file that is there', async () => {
    const file = join(directory, 'lock');
    const first = await lock(file);
    const second = lock(file);
    await new Promise((resolve) => setTimeout(resolve, 100));
    rmSync(file);
    await first.release();
    const held = await second;
    await expect(lock(file, { wait: false })).rejects.toMatchObject({ code: 'busy' });
    await held.release();
  });

  test('ends with its holder, however that ends', async () => {
    const file = join(directory, 'lock');
    const { child, ended } = await holder('lock', file);
    await expect(lock(file, { wait: false })).rejects.toMatchObject({
      message: expect.stringContaining(`held by the holder (process ${child.pid})`),
    });
    child.kill('SIGKILL');
    await ended;
    await (await lock(file, { wait: false })).release();
  });

  test('is not handed to programs that we start', async () => {
    const file = join(directory, 'lock');
    const held = await lock(file);
    const { child, ended } = start('sleep', ['60'], { stdio: 'ignore' });
    await held.release();
    await (await lock(file, { wait: false })).release();
    child.kill();
    await ended;
  });

  test('in a directory that is not there', async () => {
    await expect(lock(join(directory, 'none/lock'))).rejects.toMatchObject({
      exit: 66,
      message: `cannot lock '${join(directory, 'none/lock')}': no such file or directory`,
    });
  });
});

describe('a temporary directory', () => {
  test('of a killed process is swept, and nothing else', async () => {
    const mine = await temporaryDirectory(directory);
    writeFileSync(join(directory, 'another'), '');
    const { child, ended } = await holder('temporary', directory);
    const [theirs] = readdirSync(directory).filter(
      (name) => !mine.path.endsWith(name) && /^aot-tmp\.[0-9a-f]+$/.test(name),
    );
    mkdirSync(join(directory, theirs!, 'with/content'), { recursive: true });
    await sweep(directory);
    expect(existsSync(join(directory, theirs!))).toBe(true);
    child.kill('SIGKILL');
    await ended;
    await sweep(directory);
    await mine.remove();
    expect(readdirSync(directory)).toEqual(['another']);
  });

  test('sweeping what is not there is nothing', async () => {
    await expect(sweep(join(directory, 'none'))).resolves.toBeUndefined();
  });
});
