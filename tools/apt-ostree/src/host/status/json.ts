import type { Package, PackageChange, PackageDifference } from '@apt-ostree/host';
import { compareImages, type ImageDifference } from '@apt-ostree/oci';
import { type CommitInfo, FILE_SIZES } from '@apt-ostree/ostree';
import type { CachedUpdate } from '../cached-update.ts';
import type { Driver } from '../driver/driver.ts';
import { endOfLife } from './end-of-life.ts';
import type { Facts } from './facts.ts';
import type { Waiting } from './waiting.ts';

type Json = Record<string, unknown>;

/** The document of `status --json`. */
export const statusJson = (
  all: readonly Facts[],
  waiting: Waiting | undefined,
  transaction: readonly string[] | undefined,
  available?: CachedUpdate,
  driver?: Driver,
): Json => ({
  deployments: all.map(deploymentJson),
  transaction: transaction ?? null,
  'cached-update': waiting ? updateJson(waiting) : available ? availableJson(available, all) : null,
  'update-driver': driver ?? null,
});

/** What the next boot brings. */
function updateJson({ facts, booted, bootedBase, bootedImage, difference, advisories }: Waiting): Json {
  const { deployment, base } = facts;
  return defined({
    osname: deployment.stateroot,
    checksum: base.checksum,
    version: base.version,
    timestamp: base.timestamp,
    origin: deployment.origin.refspec,
    'gpg-enabled': facts.remote?.gpgVerify,
    signatures: facts.signatures,
    'ref-has-new-commit': base.checksum !== bootedBase.checksum,
    'rpm-diff': difference && updateDifference(difference, { from: bootedBase, to: base }),
    advisories: advisories.length > 0 ? advisories : undefined,
    ...(facts.image ? layersJson(compareImages(bootedImage?.manifest, facts.image.manifest)) : {}),
    deployment: deployment.id,
    'update-sha256': booted.checksum,
  });
}

/** What an upgrade would bring: it is not deployed. */
function availableJson(update: CachedUpdate, all: readonly Facts[]): Json {
  const { stateroot, commit, difference, booted, advisories } = update;
  const base = all.find(({ deployment }) => deployment.booted);
  return defined({
    osname: stateroot,
    checksum: commit?.checksum,
    version: commit?.version,
    timestamp: commit?.timestamp,
    origin: base?.deployment.origin.refspec,
    'gpg-enabled': base?.remote?.gpgVerify,
    'ref-has-new-commit': commit !== undefined,
    'rpm-diff': difference && updateDifference(difference, { from: base?.base, to: commit ?? base?.base }),
    advisories: advisories.length > 0 ? advisories : undefined,
    'update-sha256': booted.checksum,
  });
}

const layersJson = (d: ImageDifference): Json => ({
  ...{ total: d.total, 'total-size': d.totalSize },
  ...{ 'n-removed': d.removed, 'removed-size': d.removedSize },
  ...{ 'n-added': d.added, 'added-size': d.addedSize },
});

/** Whose a package is. */
const BASE = 0;
const LAYER = 1;

/** The bases on both sides: what they do not have was layered. */
interface Bases {
  from: CommitInfo | undefined;
  to: CommitInfo | undefined;
}

function updateDifference({ upgraded, downgraded, removed, added }: PackageDifference, { from, to }: Bases): Json {
  const [before, after] = [namesOf(from), namesOf(to)];
  const whose = (base: ReadonlySet<string> | undefined, name: string) =>
    base === undefined || base.has(name) ? BASE : LAYER;
  const both = ({ name, from, to }: PackageChange) => [
    ...[whose(after, name), name],
    ...[from, to].map((p) => [p.version, p.architecture]),
  ];
  const single = (base: ReadonlySet<string> | undefined) => (p: Package) => [
    ...[whose(base, p.name), p.name, p.version, p.architecture],
  ];
  return {
    upgraded: upgraded.map(both),
    downgraded: downgraded.map(both),
    removed: removed.map(single(before)),
    added: added.map(single(after)),
  };
}

/** Undefined where the commit lists no packages. */
const namesOf = (commit: CommitInfo | undefined): ReadonlySet<string> | undefined =>
  commit?.packages && new Set(commit.packages.map((p) => p.name));

/** One deployment with rpm-ostree's members, in a fixed order; what is not known is left out. */
export function deploymentJson(facts: Facts): Json {
  const { deployment: d, commit, base, layer } = facts;
  const { origin } = d;
  return defined({
    id: d.id,
    osname: d.stateroot,
    checksum: d.checksum,
    serial: d.serial,
    booted: d.booted,
    staged: d.staged,
    pinned: d.pinned,
    unlocked: d.unlocked,
    'finalization-locked': d.finalizationLocked ? true : undefined,
    'live-inprogress': facts.live?.interrupted,
    'live-replaced': facts.live?.commit,
    origin: origin.refspec,
    'container-image-reference': origin.containerImageReference,
    'container-image-reference-digest': facts.image?.digest,
    'custom-origin': origin.customUrl === undefined ? undefined : [origin.customUrl, origin.customDescription ?? ''],
    'deployment-error': d.damage?.message,
    'remote-error': facts.remoteError,
    'gpg-enabled': facts.remote?.gpgVerify,
    signatures: facts.signatures,
    version: commit.version,
    timestamp: commit.timestamp,
    ...(layer.isLayered ? prefixed('base', base) : {}),
    'base-commit-meta': commitMetadata(base),
    'layered-commit-meta': layer.isLayered ? commitMetadata(commit) : undefined,
    ...(facts.pendingBase ? prefixed('pending-base', facts.pendingBase) : {}),
    endoflife: endOfLife(base),
    packages: layer.packages,
    'base-removals': layer.removed,
    'base-local-replacements': layer.replaced,
    'base-remote-replacements': {},
    'requested-packages': origin.packages.requested,
    'requested-local-packages': origin.packages.requestedLocal,
    'requested-local-fileoverride-packages': origin.packages.requestedLocalFileoverride,
    'requested-base-removals': origin.overrides.remove,
    'requested-base-local-replacements': origin.overrides.replaceLocal,
    'requested-base-remote-replacements': remoteReplacements(origin.overrides.replace),
    'regenerate-initramfs': origin.regenerateInitramfs,
    'initramfs-args': origin.initramfsArgs.length > 0 ? origin.initramfsArgs : undefined,
    'initramfs-etc': origin.initramfsEtc.length > 0 ? origin.initramfsEtc : undefined,
  });
}

const prefixed = (prefix: string, commit: CommitInfo): Json => ({
  [`${prefix}-checksum`]: commit.checksum,
  [`${prefix}-version`]: commit.version,
  [`${prefix}-timestamp`]: commit.timestamp,
});

/** In the origin a source and its packages are one word: `repo=NAME,PACKAGE,PACKAGE`. */
const remoteReplacements = (rows: readonly string[]): [string, string[]][] | undefined =>
  rows.length === 0
    ? undefined
    : rows.map((row) => {
        const [source = '', ...packages] = row.split(',');
        return [source, packages];
      });

/** Too long for here (`db list` has it), or a member of its own. */
const LEFT_OUT = [
  'aptostree.packages',
  FILE_SIZES,
  'version',
  'ostree.endoflife',
  'ostree.manifest',
  'ostree.container.image-config',
];

const commitMetadata = ({ metadata }: CommitInfo): Json =>
  Object.fromEntries(
    Object.entries(metadata)
      .filter(([key]) => !LEFT_OUT.includes(key))
      .map(([key, value]) => [key, plain(value)]),
  );

/** What JSON has no word for: bytes become a list of numbers, as json-glib writes them, and long integers numbers. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, plain(v)]));
}

const defined = (object: Json): Json => Object.fromEntries(Object.entries(object).filter(([, v]) => v !== undefined));
