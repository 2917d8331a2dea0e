import { existsSync, readdirSync } from 'node:fs';
import { tree } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { lab } from '../lab.ts';

/** Runs with one package whose script misbehaves, and expects that nothing of it is left. */
async function misbehave(script: { postinst: string } | { preinst: string }, args: string[] = []) {
  const it = await lab([{ name: 'naughty', scripts: script }], 'preinst' in script ? { leftOver: ['naughty'] } : {});
  const before = tree(it.rootfs);
  const result = await it.run(args);
  expect(tree(it.rootfs)).toEqual(before);
  expect(readdirSync(it.directory).filter((name) => name.startsWith('aot-tmp'))).toEqual([]);
  expect(result.stdout).toBe('');
  expect(result.code).toBe(1);
  return result.stderr;
}

test('a failing postinst is named, with the end of its output', async () => {
  const stderr = await misbehave({ postinst: 'for i in 1 2 3; do echo "line $i"; done; echo broken >&2; exit 7' });
  expect(stderr).toContain("aot-sandbox: cannot configure 'naughty:all': its postinst ended with 7\n");
  expect(stderr).toContain('| line 1\n| line 2\n| line 3\n| broken\n');
  expect(stderr).not.toContain('Setting up tiny-base'); // only the script's own output
});

test('a failing preinst is named', async () => {
  const stderr = await misbehave({ preinst: 'echo no way; exit 3' });
  expect(stderr).toContain("cannot unpack 'naughty:all': its preinst ended with 3\n| no way\n");
});

test.each(['preinst', 'postinst'] as const)('a hanging %s is given up', async (script) => {
  const stderr = await misbehave({ [script]: 'echo waiting; sleep 1000' } as never, ['--script-timeout', '1']);
  expect(stderr).toMatch(new RegExp(`'naughty:all': its ${script} did not end within 1 s\\n\\| .*waiting`));
  expect(stderr).toContain('--script-timeout');
});

test('a script that asks gets no answer', async () => {
  const stderr = await misbehave({ postinst: 'printf "Really? "; read answer || exit 4' });
  expect(stderr).toContain('its postinst ended with 4\n| Really?');
  expect(stderr).toContain('hint: it seems to ask something');
});

// debconf itself answers in test/e2e/bad-packages.test.ts.
test('a script that asks debconf in vain is told with the question, and what debconf says besides is not shown', async () => {
  const talk = (...lines: string[]) => lines.map((line) => `echo "debconf ($DEBCONF_DEBUG): ${line}" >&2;`).join(' ');
  const asks = talk('<-- INPUT critical naughty/name', '--> 30 question skipped', '<-- GET naughty/name', '--> 0 ');
  const stderr = await misbehave({ postinst: `${asks} echo no name; exit 4` });
  expect(stderr).toContain("its postinst ended with 4: nothing answers 'naughty/name'\n| no name\n");
  expect(stderr).not.toContain('debconf (');
  expect(stderr).toContain('hint: answer what it asks of debconf with the treefile');
});

test('a script without a terminal cannot open one', async () => {
  expect(await misbehave({ postinst: 'read answer </dev/tty' })).toContain('its postinst ended with');
});

test('a script has no network', async () => {
  const stderr = await misbehave({ postinst: 'cat /proc/net/dev; [ "$(grep -c : /proc/net/dev)" = 1 ] && exit 5' });
  expect(stderr).toContain('its postinst ended with 5');
  expect(stderr).toMatch(/\n\| +lo:/);
});

test('rm -rf / harms nobody', async () => {
  const stderr = await misbehave({ postinst: 'rm -rf --no-preserve-root / 2>/dev/null; exit 0' });
  expect(stderr).toMatch(/naughty:all|packages/);
  expect(existsSync('/etc/passwd')).toBe(true);
});

test('a script that kills what runs it', async () => {
  const stderr = await misbehave({ postinst: 'kill -9 $PPID; kill -9 -1; sleep 5' }, ['--script-timeout', '3']);
  expect(stderr).toContain("'naughty:all': its postinst");
});

test('a script cannot plant links for us to follow', async () => {
  const plant = 'rm -rf /var/lib/apt; mkdir -p /var/lib/apt; ln -s /tmp /var/lib/apt/lists; ln -s /tmp /etc/evil';
  const it = await lab([{ name: 'planter', scripts: { postinst: plant } }], {
    treefile: { 'remove-files': ['/etc/evil/passwd'] },
  });
  const result = await it.run();
  expect(result.stderr).not.toContain('aot-sandbox:');
  expect(result.code).toBe(0);
});
