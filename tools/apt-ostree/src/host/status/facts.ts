import { isAotError } from '@apt-ostree/errors';
import { type Deployment, formatRefspec, originRefspec, type Sysroot } from '@apt-ostree/host';
import type { KeptImage } from '@apt-ostree/oci';
import { type CommitInfo, readCommit } from '@apt-ostree/ostree';
import { baseOf } from '../change/base-commit.ts';
import { type Layer, layerOf } from './layer.ts';
import { type LiveFacts, liveOf } from './live.ts';
import { currentCommit } from './refs.ts';
import { type Remote, readRemote } from './remotes.ts';
import type { Signature } from './signature.ts';

/** All that status says of one deployment. */
export interface Facts {
  deployment: Deployment;
  commit: CommitInfo;
  /** Of a layered deployment the commit below it, else the same. */
  base: CommitInfo;
  layer: Layer;
  /** Of the booted one: what was applied to the running system. */
  live: LiveFacts | undefined;
  /** What the branch names now, where that is another commit and the repository has it. */
  pendingBase: CommitInfo | undefined;
  /** Of a deployment that follows a container image, where the repository knows which. */
  image: KeptImage | undefined;
  /** Undefined where the origin has no remote. */
  remote: Remote | undefined;
  remoteError: string | undefined;
  /** Undefined where nobody asks for signatures. */
  signatures: Signature[] | undefined;
}

/** Reads what the repository knows of each deployment. */
export async function gatherFacts(sysroot: Sysroot, deployments: readonly Deployment[]): Promise<Facts[]> {
  const facts: Facts[] = [];
  const commits = reader(sysroot.repo);
  for (const deployment of deployments) facts.push(await factsOf(sysroot, deployment, commits));
  return facts;
}

type ReadCommit = (checksum: string) => CommitInfo;

/** Deployments share commits: most of them name the same newest one. */
function reader(repo: string): ReadCommit {
  const known = new Map<string, CommitInfo>();
  return (checksum) => {
    const commit = known.get(checksum) ?? readCommit(repo, checksum);
    known.set(checksum, commit);
    return commit;
  };
}

async function factsOf(sysroot: Sysroot, deployment: Deployment, read: ReadCommit): Promise<Facts> {
  const commit = read(deployment.checksum);
  const layer = layerOf(commit);
  const base = baseOf(commit, read);
  const { remote, remoteError } = remoteOf(sysroot, deployment);
  return {
    ...{ deployment, commit, base, layer, remote, remoteError },
    live: deployment.booted ? liveOf(sysroot, deployment) : undefined,
    image: await imageBehind(sysroot, deployment, base),
    pendingBase: pendingBase(sysroot, deployment, base, read),
    signatures: remote?.gpgVerify ? await signatures(sysroot, remote, base) : undefined,
  };
}

/** Images and signatures are read by libraries that are loaded where there are any. */
async function imageBehind({ repo }: Sysroot, { origin }: Deployment, base: CommitInfo): Promise<Facts['image']> {
  if (origin.containerImageReference === undefined) return undefined;
  return (await import('../image/deployed-image.ts')).imageOf(repo, base.checksum);
}

const signatures = async (sysroot: Sysroot, remote: Remote, base: CommitInfo): Promise<Signature[]> =>
  (await import('./signatures.ts')).signaturesOf(sysroot, remote, base.checksum);

function remoteOf(sysroot: Sysroot, { origin }: Deployment): Pick<Facts, 'remote' | 'remoteError'> {
  const name = originRefspec(origin)?.remote;
  if (name === undefined) return { remote: undefined, remoteError: undefined };
  const remote = readRemote(sysroot, name);
  return { remote, remoteError: remote ? undefined : `remote '${name}' is not configured` };
}

/** A pinned deployment waits for nothing; a commit that is not here (or not whole) cannot be described. */
function pendingBase(
  sysroot: Sysroot,
  { origin }: Deployment,
  base: CommitInfo,
  read: ReadCommit,
): CommitInfo | undefined {
  const refspec = originRefspec(origin);
  if (refspec === undefined || origin.overrideCommit !== undefined) return undefined;
  const now = currentCommit(sysroot.repo, formatRefspec(refspec));
  if (now === undefined || now === base.checksum) return undefined;
  try {
    return read(now);
  } catch (error) {
    if (isAotError(error)) return undefined;
    throw error;
  }
}
