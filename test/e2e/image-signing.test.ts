import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ToolResult, tool } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SCRATCH } from '../lib/checkout.ts';
import { type Judges, judges, type Registry, SHARED } from '../lib/judges.ts';
import { REF, type SmallWorld, smallWorld } from '../lib/small-world.ts';

// The build machine may have neither cosign nor skopeo, or old ones: those of Debian 13 do what they were asked to do.
let shared: string;
let judge: Judges;
let registry: Registry;
let world: SmallWorld;

beforeAll(async () => {
  mkdirSync(SCRATCH, { recursive: true });
  shared = mkdtempSync(join(SCRATCH, 'signing-'));
  judge = await judges(shared);
  registry = await judge.registry();
  world = await smallWorld('signing-world');
  const composed = await world.compose();
  expect(composed.exitCode, composed.stderr).toBe(0);
});
afterAll(async () => {
  await registry?.stop();
  await world?.server.close();
  rmSync(shared, { recursive: true, force: true });
});

/** A directory with a program that says its version, and notes what else it is asked for. */
function recorder(program: string, version: string): { path: string; argv(): string[] } {
  const path = mkdtempSync(join(shared, 'bin-'));
  const note = `printf '%s\\n' "$@" > ${path}/argv`;
  writeFileSync(join(path, program), `#!/bin/sh\ncase $1 in *version) echo '${version}' ;; *) ${note} ;; esac\n`);
  chmodSync(join(path, program), 0o755);
  const argv = () => readFileSync(join(path, 'argv'), 'utf8').trimEnd().replaceAll(shared, SHARED).split('\n');
  return { path, argv };
}

const nameOf = (tag: string): string => `${registry.host}/small:${tag}`;

function push(tag: string, key: string, path: string): Promise<ToolResult> {
  const source = ['--repo', world.repo, '--ref', REF, '--cachedir', world.cachedir];
  const output = ['--output', `registry:${nameOf(tag)}`, '--sign-by', key];
  return tool('aot-ociexport', ['--quiet', ...source, ...output, '--arch', 'amd64', '--label', `tag=${tag}`], {
    env: { PATH: `${path}:${process.env['PATH']}` },
  });
}

/** Runs a judge with variables, a home, and an empty line to read. */
const run = (variables: string[], ...argv: string[]) =>
  judge.run('env', `HOME=${SHARED}`, ...variables, 'sh', '-c', 'echo | "$@"', 'sh', ...argv);

const write = (name: string, value: unknown) => writeFileSync(join(shared, name), JSON.stringify(value));

test('cosign: a key in a file', async () => {
  await run(['COSIGN_PASSWORD='], 'cosign', 'generate-key-pair', '--output-key-prefix', `${SHARED}/own`);
  const cosign = recorder('cosign', 'GitVersion:    v2.5.0');
  const { code, stdout, stderr } = await push('cosign', join(shared, 'own.key'), cosign.path);
  expect(code, stderr).toBe(0);
  const signed = `${registry.host}/small@${JSON.parse(stdout).digest}`;
  expect(cosign.argv().at(-1)).toBe(signed);
  const verify = () => run([], 'cosign', 'verify', '--key', `${SHARED}/own.pub`, '--insecure-ignore-tlog=true', signed);
  await expect(verify()).rejects.toThrow();
  await run(['COSIGN_PASSWORD='], 'cosign', ...cosign.argv());
  expect((await verify()).stdout).toContain('cosign container image signature');
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
  const skopeo = recorder('skopeo', 'skopeo version 1.18.0');
  const { code, stderr } = await push('gpg', user, skopeo.path);
  expect(code, stderr).toBe(0);
  const wanted = { type: 'signedBy', keyType: 'GPGKeys', keyPath: `${SHARED}/public.gpg` };
  await expect(take('gpg', wanted)).rejects.toThrow(/signature/);
  await run(gnupg, 'skopeo', '--registries.d', `${SHARED}/registries.d`, ...skopeo.argv());
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
  const skopeo = recorder('skopeo', 'skopeo version 1.18.0');
  const { code, stderr } = await push('sigstore', join(shared, 'key.private'), skopeo.path);
  expect(code, stderr).toBe(0);
  const wanted = { type: 'sigstoreSigned', keyPath: `${SHARED}/key.pub` };
  await expect(take('sigstore', wanted)).rejects.toThrow(/signature/);
  await run([], 'skopeo', '--registries.d', `${SHARED}/registries.d`, ...skopeo.argv());
  await take('sigstore', wanted);
  expect(existsSync(join(shared, 'sigstore/manifest.json'))).toBe(true);
});
