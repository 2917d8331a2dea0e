import { expect, test } from 'vitest';
import capabilities from '../src/data/capabilities.json' with { type: 'json' };
import environment from '../src/data/environment.json' with { type: 'json' };
import { RECORDERS, sandboxArguments } from '../src/index.ts';

test('every row has a reason, and none comes twice', () => {
  const rows = [
    ...RECORDERS.map((r) => [r.path, r.reason]),
    ...[...capabilities, ...environment].map((r) => [r.name, r.reason]),
  ];
  for (const [name, reason] of rows) expect(reason, name).toMatch(/^.{10,}$/);
  expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
});

test('recorders are safe to be made into shell text', () => {
  for (const r of RECORDERS) {
    expect(r.path).toMatch(/^(?:\/[a-z0-9._-]+)+$/);
    for (const word of [...(r.passThrough ?? []), r.prints ?? 'none']) expect(word).toMatch(/^[a-z_-]+$/);
  }
});

test('the sandbox has no network, no dangerous capability, no inherited environment', () => {
  const args = sandboxArguments('/root of it', { epoch: 5 });
  expect(args).toEqual(expect.arrayContaining(['--unshare-net', '--unshare-pid', '--die-with-parent', '--clearenv']));
  expect(args.join(' ')).toContain('--setenv SOURCE_DATE_EPOCH 5');
  for (const name of [
    'CAP_SYS_ADMIN',
    'CAP_MKNOD',
    'CAP_SYS_MODULE',
    'CAP_DAC_READ_SEARCH',
    'CAP_NET_ADMIN',
    'CAP_SYS_PTRACE',
  ])
    expect(args).not.toContain(name);
});
