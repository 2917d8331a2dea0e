import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findSigner, parseImageReference } from '../src/index.ts';

// What the programs are asked to do; that they do it is for the tests with a registry.
const DIGEST = `sha256:${'0d'.repeat(32)}`;
const REMOTE = 'registry:registry.example/os/server:13';
const REGISTRY = parseImageReference(REMOTE);
const { PATH, COSIGN_PASSWORD } = process.env;

let directory: string;
let key: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'signing-'));
  key = join(directory, 'cosign.key');
  writeFileSync(key, 'private');
  process.env['PATH'] = directory;
});
afterEach(() => {
  process.env['PATH'] = PATH;
  if (COSIGN_PASSWORD === undefined) delete process.env['COSIGN_PASSWORD'];
  else process.env['COSIGN_PASSWORD'] = COSIGN_PASSWORD;
  rmSync(directory, { recursive: true, force: true });
});

/** A program that says its version, and notes what else it is asked for. */
function program(name: string, version: string, exit = 0): void {
  const record = `printf '%s\\n' "$@" > ${directory}/argv; /bin/cat /dev/stdin > ${directory}/stdin; printf '%s\\n' "$REGISTRY_AUTH_FILE" > ${directory}/authfile; printf '%s\\n' "$SSL_CERT_DIR" > ${directory}/certificates; exit ${exit}`;
  const script = `#!/bin/sh\ncase $1 in *version) echo '${version}' ;; *) ${record} ;; esac\n`;
  writeFileSync(join(directory, name), script);
  chmodSync(join(directory, name), 0o755);
}
const noted = (file: string) => readFileSync(join(directory, file), 'utf8').split('\n').slice(0, -1);

async function sign(by: string, image = REMOTE, options = {}): Promise<string[]> {
  await (await findSigner(by, parseImageReference(image), options))(DIGEST);
  return noted('argv');
}

test('cosign signs with a private key, by digest, and nothing goes to a log', async () => {
  program('cosign', 'GitVersion:    v2.5.0');
  program('skopeo', 'skopeo version 1.18.0');
  const args = ['sign', '--yes', '--recursive', '--key', key, '--tlog-upload=false'];
  const name = `registry.example/os/server@${DIGEST}`;
  expect(await sign(key)).toEqual([...args, name]);
  program('cosign', 'GitVersion:    v3.1.1');
  const insecure = ['--allow-http-registry', '--allow-insecure-registry'];
  expect(await sign(key, REMOTE, { tlsVerify: false, authfile: '/auth.json' })).toEqual([
    ...[...args, '--use-signing-config=false', ...insecure, name],
  ]);
  expect(noted('authfile')).toEqual(['/auth.json']);
});

test('skopeo does where cosign is not installed, and the password is in no argument', async () => {
  program('skopeo', 'skopeo version 1.18.0');
  process.env['COSIGN_PASSWORD'] = 'secret';
  expect(await sign(key)).toEqual([
    ...[
      'copy',
      '--all',
      '--preserve-digests',
      '--sign-by-sigstore-private-key',
      key,
      '--sign-passphrase-file',
      '/dev/stdin',
    ],
    ...[`docker://registry.example/os/server@${DIGEST}`, 'docker://registry.example/os/server:13'],
  ]);
  expect(noted('stdin')).toEqual(['secret']);
});

test('skopeo signs with a key of GnuPG; a registry on this machine needs no TLS', async () => {
  program('skopeo', 'skopeo version 1.18.0');
  program('cosign', 'GitVersion: v2.5.0');
  for (const by of ['0123456789ABCDEF0123456789ABCDEF01234567', 'builder@example.org'])
    expect(await sign(by, 'registry:127.0.0.1:5000/server:13')).toEqual([
      ...['copy', '--all', '--preserve-digests', '--src-tls-verify=false', '--dest-tls-verify=false', '--sign-by', by],
      ...[`docker://127.0.0.1:5000/server@${DIGEST}`, 'docker://127.0.0.1:5000/server:13'],
    ]);
});

test('certificates that are trusted besides are handed on', async () => {
  program('cosign', 'GitVersion: v2.5.0');
  await sign(key, REMOTE, { certDir: '/certs' });
  expect(noted('certificates')).toEqual(['/certs']);
  program('skopeo', 'skopeo version 1.18.0');
  const argv = await sign('ABCDEF', REMOTE, { certDir: '/certs' });
  expect(argv).toEqual(expect.arrayContaining(['--src-cert-dir=/certs', '--dest-cert-dir=/certs']));
});

test('without a program, a key, or success, the error says so', async () => {
  await expect(findSigner(key, REGISTRY, {})).rejects.toThrow('neither cosign nor skopeo is installed');
  await expect(findSigner('ABCDEF', REGISTRY, {})).rejects.toThrow(
    "cannot sign with 'ABCDEF': skopeo is not installed",
  );
  await expect(findSigner(`${directory}/none.key`, REGISTRY, {})).rejects.toThrow('no such file');
  await expect(findSigner(key, parseImageReference('oci:x'), {})).rejects.toThrow('signatures are kept in registries');
  program('cosign', 'GitVersion: v2.5.0', 1);
  await expect(sign(key)).rejects.toThrow(`cannot sign 'registry.example/os/server@${DIGEST}'`);
});
