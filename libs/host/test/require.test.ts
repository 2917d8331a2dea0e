import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { isAtLeast, parseStaged, requireHost, requireLibostree } from '../src/index.ts';

/** Puts an ostree of that version before the machine's. */
function ostreeSays(text: string): void {
  const directory = temporary(onTestFinished);
  const before = process.env.PATH;
  writeFileSync(join(directory, 'ostree'), `#!/bin/sh\nprintf '%s\\n' "${text}"\n`);
  chmodSync(join(directory, 'ostree'), 0o755);
  process.env.PATH = `${directory}:${before}`;
  onTestFinished(() => {
    process.env.PATH = before;
  });
}

test('versions of libostree are years and releases', () => {
  expect(['2022.7', '2025.1', '2025.2', '2025.10', '2026.1', ''].map((v) => isAtLeast(v, '2025.2'))).toEqual([
    false,
    false,
    true,
    true,
    true,
    false,
  ]);
});

test("Debian 12's libostree is refused, Debian 13's is not", async () => {
  ostreeSays("libostree:\n Version: '2022.7'");
  await expect(requireLibostree()).rejects.toMatchObject({
    message: 'cannot use ostree 2022.7: it is older than 2025.2',
    exit: 71,
  });
  ostreeSays("libostree:\n Version: '2025.2'");
  await requireLibostree();
});

test('what is no version is no new one', async () => {
  ostreeSays('nonsense');
  await expect(requireLibostree()).rejects.toMatchObject({ exit: 71 });
});

test('a machine that was not booted by libostree needs --sysroot', () => {
  expect(existsSync('/run/ostree-booted'), 'the tests run on an ordinary machine').toBe(false);
  const notBooted = expect.objectContaining({ message: expect.stringMatching(/^this system was not booted/), exit: 1 });
  expect(() => requireHost(undefined, { root: false })).toThrow(notBooted);
  expect(() => requireHost('/', { root: false })).toThrow(notBooted);
  requireHost('/somewhere', { root: false });
});

test.each([[[]], [[1, 2, 3]], [[...Buffer.from('rubbish\0\0s\x03')]]])(
  'no record of a staged deployment: %j',
  (bytes) => {
    expect(() => parseStaged(new Uint8Array(bytes), '/run/ostree/staged-deployment')).toThrow(
      expect.objectContaining({
        message: "cannot use '/run/ostree/staged-deployment': it is no record of a staged deployment",
        exit: 65,
      }),
    );
  },
);
