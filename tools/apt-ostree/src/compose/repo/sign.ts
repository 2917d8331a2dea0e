import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { sign as addSignature, checkSignatures, resolveRevision, type Signatures } from '@apt-ostree/ostree';
import type { SignArgs } from './command.ts';
import { findKeys, type GpgKey, signersOf } from './gpg-keys.ts';
import { count, hasCommit, listRefs, requireRepository } from './repository.ts';

/** `compose repo sign`: signatures for commits that are there. */
export async function sign(args: SignArgs, context: Context): Promise<string> {
  const keys = readKeys(args);
  const repo = requireRepository(args.repo);
  await checkSignatures(keys);
  const gpg = await findKeys(keys.gpg, keys.gpgHomedir);
  const commits = await chooseCommits(repo, args.rev);
  let signed = 0;
  for (const commit of commits) signed += (await signOne(repo, commit, keys, gpg, context)) ? 1 : 0;
  if (signed === 0) return 'Nothing to sign: every commit has the signature\n';
  return `Signed: ${count(signed, 'commit')}\n`;
}

function readKeys(args: SignArgs): Signatures {
  const keys = { gpg: args['gpg-sign'], gpgHomedir: args['gpg-homedir'], ed25519: args['sign-ed25519'] };
  if (keys.gpg.length > 0 || keys.ed25519 !== undefined) return keys;
  throw new AotError('usage', 'option --gpg-sign or --sign-ed25519 must be specified', {
    hint: "'gpg --list-secret-keys' lists the keys that can sign",
  });
}

async function chooseCommits(repo: string, revisions: readonly string[]): Promise<string[]> {
  const named =
    revisions.length > 0
      ? revisions.map((revision) => existing(repo, revision))
      : (await listRefs(repo)).map(({ commit }) => commit);
  return [...new Set(named)];
}

/** A full checksum is taken at its word by whoever resolves it. */
function existing(repo: string, revision: string): string {
  const commit = resolveRevision(repo, revision);
  if (hasCommit(repo, commit)) return commit;
  throw new AotError('noInput', `cannot find '${revision}' in '${repo}'`, { code: 'no-revision' });
}

async function signOne(
  repo: string,
  commit: string,
  keys: Signatures,
  gpg: readonly GpgKey[],
  context: Context,
): Promise<boolean> {
  const signers = gpg.length === 0 ? [] : await signersOf(repo, commit);
  const missing = gpg.filter(({ ids }) => !ids.some((id) => signers.includes(id)));
  const wanted = { ...keys, gpg: missing.map(({ name }) => name) };
  if (missing.length === 0 && keys.ed25519 === undefined) return false;
  await addSignature(repo, commit, wanted);
  context.note(
    `${commit}: signed by ${[...wanted.gpg, ...(keys.ed25519 === undefined ? [] : ['ed25519'])].join(', ')}`,
  );
  return true;
}
