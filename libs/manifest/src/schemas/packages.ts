import * as z from 'zod/mini';
import { doc, RelativePath, Sha256 } from './common.ts';
import { FlatTreefile, InputFile } from './treefile.ts';

export const PackageSource = z.looseObject({
  id: doc(
    z.string(),
    'Which source it came from: the name of a .sources file without its ending, or the label and suite of a source of the machine',
  ),
  suite: doc(z.string(), 'Suite as the source names it'),
  component: doc(z.string(), 'Component, or an empty string for a flat archive'),
  index: doc(Sha256, 'SHA-256 of the (In)Release file that vouches for the package'),
});

export const PackageItem = z.looseObject({
  name: doc(z.string().check(z.regex(/^[a-z0-9][a-z0-9+.-]+$/)), 'Package name'),
  version: doc(z.string(), 'Debian version'),
  architecture: doc(z.string(), 'Architecture of the package, or all'),
  source: PackageSource,
  path: doc(RelativePath, 'Path below the archive root, as the Filename field has it'),
  size: doc(z.int().check(z.nonnegative()), 'Bytes of the .deb'),
  sha256: doc(Sha256, 'SHA-256 of the .deb'),
  sourcePackage: doc(z.string(), 'Source package name'),
  sourceVersion: doc(z.string(), 'Source package version'),
  installedSize: doc(z.int().check(z.nonnegative()), 'Installed-Size in KiB'),
  automatic: doc(z.boolean(), 'Installed for another package, not asked for'),
  essential: doc(z.boolean(), 'In the dependency closure of Essential packages'),
});
export type PackageItem = z.infer<typeof PackageItem>;

/** One call of dpkg as apt would make it; names are `name:architecture`. */
export const PlanStep = z.looseObject({
  action: doc(z.enum(['unpack', 'configure', 'remove']), 'What dpkg is asked to do; remove: packages of the base'),
  packages: doc(z.array(z.string()), 'Packages as name:architecture, in the order of the call'),
});
export type PlanStep = z.infer<typeof PlanStep>;

export const IndexItem = z.looseObject({
  id: doc(z.string(), 'Source id, as in package items'),
  suite: z.string(),
  codename: z.string(),
  origin: z.string(),
  label: z.string(),
  version: z.string(),
  components: z.array(z.string()),
  date: doc(z.int(), 'Date of the Release file, seconds since the epoch'),
  validUntil: doc(z.nullable(z.int()), 'Valid-Until, seconds since the epoch, or null'),
  sha256: doc(Sha256, 'SHA-256 of the (In)Release file'),
});
export type IndexItem = z.infer<typeof IndexItem>;

/** What packages are layered on. */
export const LayerBase = z.looseObject({
  commit: doc(
    Sha256,
    "The commit that the packages are layered on; of a root that is none, the SHA-256 of dpkg's status file",
  ),
  timestamp: doc(z.int(), 'Its time: the clock of the layer, so that the same base and packages make the same commit'),
  inactive: doc(
    z.array(z.looseObject({ request: z.string(), by: doc(z.string(), 'A package as NAME_VERSION_ARCHITECTURE') })),
    'Requests that the base fulfils already, as they were asked for, and the package that does',
  ),
});
export type LayerBase = z.infer<typeof LayerBase>;

const members = {
  treefile: FlatTreefile,
  inputs: doc(z.array(InputFile), 'Files beside the treefile that later stages read, by path'),
  architecture: doc(z.string(), 'Debian architecture of the tree'),
  foreignArchitectures: doc(z.array(z.string()), 'Further architectures of the tree'),
  apt: doc(z.looseObject({ version: z.string() }), 'The apt that solved'),
  indices: doc(z.array(IndexItem), 'The archive indices that were used, by id and suite'),
  packages: doc(z.array(PackageItem), 'Every package of the tree, by name and architecture'),
  plan: doc(z.array(PlanStep), "The unpack and configure calls in apt's order"),
  base: doc(
    z.optional(LayerBase),
    'Of packages that are layered on a commit: that commit; packages and plan are then about the new ones only',
  ),
  essential: doc(
    z.array(z.string()),
    'The dependency closure of Essential packages as name:architecture, in configure order',
  ),
};

/** aot.packages/v1: what a tree is made of. It is the lockfile. */
export const PackagesManifest = z.looseObject({ kind: z.literal('aot.packages/v1'), ...members });
export type PackagesManifest = z.infer<typeof PackagesManifest>;

/** The members that later manifests carry forward. */
export const packagesMembers = members;
