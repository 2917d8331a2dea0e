import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';
import { type Image, readAndClose } from '../apply/read-image.ts';
import { blobPath } from '../layout/document.ts';
import { MEDIA, type Platform } from '../model.ts';
import { openSource, type TransportOptions } from '../open.ts';
import { formatImageReference, formatRegistryName, type ImageReference, isDigest } from '../reference.ts';
import { isLoopback } from '../registry/loopback.ts';
import { imageScratch } from '../scratch.ts';
import type { InRegistry } from '../signing/find-signer.ts';
import { platformWords } from '../skopeo.ts';
import { strictPolicy } from './strict-policy.ts';

export interface PolicyOptions extends TransportOptions {
  /** A file: containers-policy.json(5). Rules of it that accept anything refuse here. */
  policy: string;
}

/**
 * Lets skopeo(1) judge by a policy what a reference names for a platform. It copies the image to where all layers seem to be
 * already, so that it fetches signatures and documents alone.
 * @returns the digest of the manifest that was accepted: nothing else that the reference names counts
 * @throws AotError `failed` where the policy does not accept it, `config` for a policy that cannot be used
 */
export async function acceptedDigest(
  reference: ImageReference,
  platform: Platform,
  options: PolicyOptions,
): Promise<string> {
  const name = formatImageReference(reference);
  if (reference.transport !== 'registry')
    throw new AotError('failed', `cannot verify '${name}': only images in registries are signed`, { code: 'unsigned' });
  const policy = readPolicy(options.policy);
  const image = await readAndClose(await openSource(reference, options), platform, name);
  const temporary = await imageScratch();
  try {
    writeFileSync(join(temporary.path, 'policy.json'), JSON.stringify(policy));
    const copy = seemingCopy(join(temporary.path, 'image'), image, name);
    await judge(reference, platform, copy, temporary.path, options);
    const digest = readFileSync(join(temporary.path, 'digest'), 'utf8').trim();
    if (!isDigest(digest)) throw new AotError('software', `skopeo accepted '${digest}', which is no digest`);
    return digest;
  } finally {
    await temporary.remove();
  }
}

function readPolicy(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw explain(error, `cannot read the policy for images '${file}'`);
  }
  try {
    return strictPolicy(JSON.parse(text));
  } catch (error) {
    throw new AotError('config', `cannot use the policy for images '${file}': ${(error as Error).message}`, {
      code: 'bad-policy',
      hint: 'containers-policy.json(5) has its form',
    });
  }
}

/**
 * A layout with files of the layers' names and sizes, and nothing in them: skopeo takes each for the layer. A layout cannot
 * have Docker's manifests as they are; for those it is a directory, and skopeo fetches it all.
 */
function seemingCopy(directory: string, { stored, manifest }: Image, name: string): string {
  if (stored.mediaType !== MEDIA.manifest) return `dir:${directory}`;
  try {
    for (const { digest, size } of manifest.layers) {
      const path = blobPath(directory, digest);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, '');
      truncateSync(path, size);
    }
  } catch (error) {
    throw explain(error, `cannot verify '${name}'`);
  }
  return `oci:${directory}`;
}

async function judge(
  reference: InRegistry,
  platform: Platform,
  to: string,
  directory: string,
  options: PolicyOptions,
): Promise<void> {
  const argv = [
    ...[`--policy=${join(directory, 'policy.json')}`, ...platformWords(platform)],
    ...['copy', '--quiet', '--preserve-digests', '--remove-signatures', `--digestfile=${join(directory, 'digest')}`],
    ...sourceWords(reference, options),
    ...['--', `docker://${formatRegistryName(reference)}`, to],
  ];
  const what = `cannot verify '${formatImageReference(reference)}'`;
  const { exitCode, stderr } = await run('skopeo', argv, { what, ok: 'any', signal: options.signal });
  if (exitCode !== 0) throw refused(what, stderr, options.policy);
}

function sourceWords({ host }: InRegistry, { authfile, certDir, tlsVerify, retryTimes }: PolicyOptions): string[] {
  const verify = tlsVerify ?? (isLoopback(host) ? false : undefined);
  return [
    ...(authfile === undefined ? [] : [`--src-authfile=${authfile}`]),
    ...(certDir === undefined ? [] : [`--src-cert-dir=${certDir}`]),
    ...(verify === undefined ? [] : [`--src-tls-verify=${verify}`]),
    ...(retryTimes === undefined ? [] : [`--retry-times=${retryTimes}`]),
  ];
}

/** skopeo's last word is in a line of its log. */
function refused(what: string, said: string, policy: string): AotError {
  const [, text] = /level=fatal msg="((?:[^"\\]|\\.)*)"/.exec(said) ?? [];
  const why = text === undefined ? said.trim() : text.replace(/\\(.)/g, '$1').replace(/^Source image rejected: /, '');
  return new AotError('failed', `${what}: ${why}`, {
    code: 'unsigned',
    hint: /is rejected by policy/.test(why)
      ? `a rule of '${policy}' must say whose signature is wanted: one that accepts anything vouches for nothing`
      : undefined,
  });
}
