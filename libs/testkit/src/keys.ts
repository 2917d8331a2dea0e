import { run } from '@apt-ostree/run';
import { temporary } from './temporary.ts';

export interface SigningKey {
  name: string;
  fingerprint: string;
  /** The public key, armoured. */
  armored: string;
}

let home: string | undefined;
const keys = new Map<string, Promise<SigningKey>>();

/** A throw-away key of that name, made once per process: ed25519, for signing only, no passphrase, without an end. */
export function signingKey(name = 'archive'): Promise<SigningKey> {
  const known = keys.get(name) ?? make(name);
  keys.set(name, known);
  return known;
}

/** The GPG home with the secret keys. */
export function signingHome(): string {
  home ??= temporary();
  return home;
}

/** A message with its signatures around it, as in InRelease. */
export const clearsign = (text: string, signers: readonly SigningKey[]): Promise<string> =>
  sign('--clearsign', text, signers);

/** Signatures alone, armoured, as in Release.gpg. */
export const detachedSignature = (text: string, signers: readonly SigningKey[]): Promise<string> =>
  sign('--detach-sign', text, signers);

async function make(name: string): Promise<SigningKey> {
  const id = `${name} <${name}@example.org>`;
  await gpg(['--quick-generate-key', id, 'ed25519', 'sign', 'never']);
  const listing = await gpg(['--list-keys', '--with-colons', id]);
  const fingerprint = /^fpr:+([0-9A-F]+):$/m.exec(listing)?.[1] as string;
  return { name, fingerprint, armored: await gpg(['--armor', '--export', fingerprint]) };
}

async function sign(how: string, text: string, signers: readonly SigningKey[]): Promise<string> {
  const by = signers.flatMap(({ fingerprint }) => ['--local-user', `${fingerprint}!`]);
  return gpg(['--armor', '--digest-algo', 'SHA512', ...by, how, '--output', '-'], text);
}

/** The agent that gpg leaves behind ends by itself when its home is removed. */
async function gpg(args: readonly string[], input?: string): Promise<string> {
  const fixed = [
    '--homedir',
    signingHome(),
    '--batch',
    '--no-tty',
    '--quiet',
    '--pinentry-mode',
    'loopback',
    '--passphrase',
    '',
  ];
  const { stdout } = await run('gpg', [...fixed, ...args], input === undefined ? {} : { input });
  return stdout;
}
