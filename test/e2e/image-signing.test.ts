import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ToolResult, tool } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Judges, judges, type Registry, SHARED } from '../lib/judges.ts';
import { scratch } from '../lib/scratch.ts';
import { REF, type SmallWorld, smallWorld } from '../lib/small-world.ts';

// Images as they are pushed: signed by the programs of Debian 13, which then say whether they are; and with logins.
let shared: string;
let judge: Judges;
let registry: Registry;
let world: SmallWorld;

beforeAll(async () => {
  shared = scratch('image-signing');
  judge = await judges(shared);
  registry = await judge.registry();
  world = await smallWorld('signing-world');
  const composed = await world.compose();
  expect(composed.exitCode, composed.stderr).toBe(0);
});
afterAll(async () => {
  await registry?.stop();
  await world?.server.close();
});

const nameOf = (tag: string): string => `${registry.host}/small:${tag}`;

/** Pushes with aot-ociexport, which finds the programs of that directory before others. */
function push(tag: string, path: string, ...options: string[]): Promise<ToolResult> {
  const source = ['--repo', world.repo, '--ref', REF, '--cachedir', world.cachedir];
  const output = ['--output', `registry:${nameOf(tag)}`, ...options];
  return tool('aot-ociexport', ['--quiet', ...source, ...output, '--arch', 'amd64', '--label', `tag=${tag}`], {
    env: { PATH: `${path}:${process.env['PATH']}`, TMPDIR: shared, COSIGN_PASSWORD: '' },
  });
}

/** Runs a judge with variables, a home, and an empty line to read. */
const run = (variables: string[], ...argv: string[]) =>
  judge.run('env', `HOME=${SHARED}`, ...variables, 'sh', '-c', 'echo | "$@"', 'sh', ...argv);

const write = (name: string, value: unknown) => writeFileSync(join(shared, name), JSON.stringify(value));

test('cosign: a key in a file', async () => {
  await run(['COSIGN_PASSWORD='], 'cosign', 'generate-key-pair', '--output-key-prefix', `${SHARED}/own`);
  const path = judge.program(['cosign'], { COSIGN_PASSWORD: '' });
  const verify = (image: string) =>
    run([], 'cosign', 'verify', '--key', `${SHARED}/own.pub`, '--insecure-ignore-tlog=true', image);
  const unsigned = await push('unsigned', path);
  expect(unsigned.code, unsigned.stderr).toBe(0);
  await expect(verify(nameOf('unsigned'))).rejects.toThrow(/no signatures found/);
  const { code, stdout, stderr } = await push('cosign', path, '--sign-by', join(shared, 'own.key'));
  expect(code, stderr).toBe(0);
  const signed = `${registry.host}/small@${JSON.parse(stdout).digest}`;
  expect((await verify(signed)).stdout).toContain('cosign container image signature');
});

/** Copies an image out of the registry under a policy that wants it signed. */
async function take(tag: string, requirement: unknown): Promise<void> {
  write('policy.json', { default: [{ type: 'reject' }], transports: { docker: { [registry.host]: [requirement] } } });
  const options = ['--policy', `${SHARED}/policy.json`, '--registries.d', `${SHARED}/registries.d`];
  await run(
    [],
    'skopeo',
    ...options,
    'copy',
    '--src-tls-verify=false',
    `docker://${nameOf(tag)}`,
    `dir:${SHARED}/${tag}`,
  );
}

const SKOPEO = ['skopeo', '--registries.d', `${SHARED}/registries.d`] as const;

function signatures(place: Record<string, unknown>): void {
  mkdirSync(join(shared, 'registries.d'), { recursive: true });
  write('registries.d/test.yaml', { docker: { [registry.host]: place } });
}

test('skopeo: a key of GnuPG', async () => {
  const gnupg = [`GNUPGHOME=${SHARED}/gnupg`];
  mkdirSync(join(shared, 'gnupg'), { mode: 0o700 });
  const user = 'builder@example.org';
  await run(gnupg, 'gpg', '--batch', '--passphrase', '', '--quick-generate-key', user, 'rsa2048', 'sign', 'never');
  await run(gnupg, 'gpg', '--batch', '--export', '--output', `${SHARED}/public.gpg`, user);
  const place = `file://${SHARED}/lookaside`;
  signatures({ lookaside: place, 'lookaside-staging': place });
  const wanted = { type: 'signedBy', keyType: 'GPGKeys', keyPath: `${SHARED}/public.gpg` };
  await expect(take('unsigned', wanted)).rejects.toThrow(/signature/);
  const path = judge.program(SKOPEO, { GNUPGHOME: `${SHARED}/gnupg` });
  const { code, stderr } = await push('gpg', path, '--sign-by', user);
  expect(code, stderr).toBe(0);
  await take('gpg', wanted);
  expect(existsSync(join(shared, 'gpg/manifest.json'))).toBe(true);
});

test('skopeo: a key in a file', async () => {
  await run(
    ['COSIGN_PASSWORD='],
    'skopeo',
    'generate-sigstore-key',
    '--passphrase-file',
    '/dev/stdin',
    '--output-prefix',
    `${SHARED}/key`,
  );
  signatures({ 'use-sigstore-attachments': true });
  const wanted = { type: 'sigstoreSigned', keyPath: `${SHARED}/key.pub` };
  await expect(take('unsigned', wanted)).rejects.toThrow(/signature/);
  const { code, stderr } = await push('sigstore', judge.program(SKOPEO), '--sign-by', join(shared, 'key.private'));
  expect(code, stderr).toBe(0);
  await take('sigstore', wanted);
  expect(existsSync(join(shared, 'sigstore/manifest.json'))).toBe(true);
});

test('skopeo pushes and fetches in place of our own client', async () => {
  const path = judge.program(['skopeo']);
  const { code, stdout, stderr } = await push('skopeo', path, '--transport', 'skopeo', '--no-tls-verify');
  expect(code, stderr).toBe(0);
  const seen = await run([], 'skopeo', 'inspect', '--tls-verify=false', `docker://${nameOf('skopeo')}`);
  expect(JSON.parse(seen.stdout).Digest).toBe(JSON.parse(stdout).digest);
  const back = ['--repo', join(shared, 'back'), '--any-image', '--arch', 'amd64'];
  const fetched = await tool(
    'aot-ociimport',
    ['--quiet', `registry:${nameOf('skopeo')}`, ...back, '--transport', 'skopeo', '--no-tls-verify'],
    { env: { PATH: `${path}:${process.env['PATH']}`, TMPDIR: shared } },
  );
  expect(fetched.code, fetched.stderr).toBe(0);
  const same = await tool('aot-ociimport', ['--quiet', `registry:${nameOf('skopeo')}`, ...back]);
  expect(JSON.parse(same.stdout)).toMatchObject({ unchanged: true, commit: JSON.parse(fetched.stdout).commit });
});

/** All that a command leaves for people to read: what it prints with everything turned on, and its trace. */
async function everything(name: string, args: string[], env: Record<string, string>) {
  const trace = join(shared, 'trace');
  rmSync(trace, { force: true });
  const { code, stdout, stderr } = await tool(name, args, { env: { ...env, AOT_DEBUG: '1', AOT_TRACE: trace } });
  return { code, stdout, text: `${stdout}${stderr}${existsSync(trace) ? readFileSync(trace, 'utf8') : ''}` };
}

test.each(['own', 'skopeo'])('a wrong password is refused, and nowhere to be read: %s', async (transport) => {
  const closed = await judge.registry({ login: 'builder:s3cret' });
  const auth = Buffer.from('builder:s3kret').toString('base64');
  write('auth.json', { auths: { [closed.host]: { auth } } });
  const options = ['--authfile', join(shared, 'auth.json'), '--transport', transport, '--no-tls-verify'];
  const env = {
    PATH: `${judge.program(['skopeo'])}:${process.env['PATH']}`,
    TMPDIR: shared,
    COSIGN_PASSWORD: 's3kret',
  };
  const there = `registry:${closed.host}/small:1`;
  const push = ['--repo', world.repo, '--ref', REF, '--cachedir', world.cachedir, '--output', there];
  const pull = [there, '--repo', join(shared, 'back'), '--any-image'];
  try {
    for (const [name, args] of [
      ['aot-ociexport', [...push, '--sign-by', join(shared, 'key.private')]],
      ['aot-ociimport', pull],
    ] as const) {
      const { code, stdout, text } = await everything(name, [...args, ...options], env);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(text).toMatch(/access denied \(401\)|authentication required|unauthorized/);
      for (const secret of ['s3kret', auth]) expect(text).not.toContain(secret);
    }
  } finally {
    await closed.stop();
  }
});
