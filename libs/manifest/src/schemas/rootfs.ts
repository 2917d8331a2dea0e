import * as z from 'zod/mini';
import { doc, Sha256 } from './common.ts';
import { packagesMembers } from './packages.ts';

export const UnpackedItem = z.looseObject({
  package: doc(z.string(), 'The package as name:architecture'),
  commit: doc(Sha256, 'Its commit in the package cache'),
  leftOver: doc(z.boolean(), 'Left to dpkg --unpack in the sandbox, because its preinst is not known to be inert'),
  file: doc(z.optional(z.string()), 'For left-overs: the .deb, below the cache directory'),
  preDepends: doc(
    z.optional(z.string()),
    'For left-overs: the field Pre-Depends, empty when there is none; missing, it may need all that apt configures before',
  ),
});
export type UnpackedItem = z.infer<typeof UnpackedItem>;

export const InterceptedCall = z.looseObject({
  program: doc(z.string(), 'The program that a recorder stood in for'),
  args: z.array(z.string()),
});
export type InterceptedCall = z.infer<typeof InterceptedCall>;

export const ScriptRun = z.looseObject({
  package: doc(
    z.string(),
    'The package as name:architecture; dpkg for what dpkg itself changed; treefile for post-processing',
  ),
  script: doc(z.string(), 'preinst, postinst, trigger, ...; unpack or configure for dpkg; postprocess'),
  args: z.array(z.string()),
  exit: doc(z.int(), 'Exit status'),
  durationMs: z.number(),
  calls: doc(z.array(InterceptedCall), 'Calls that recorders took instead of the host'),
  created: doc(z.array(z.string()), 'Absolute paths that appeared'),
  changed: doc(z.array(z.string()), 'Absolute paths whose content or metadata changed'),
  removed: doc(z.array(z.string()), 'Absolute paths that vanished'),
  output: doc(z.optional(z.string()), 'The last lines that the script printed; absent when it printed nothing'),
});
export type ScriptRun = z.infer<typeof ScriptRun>;

/** aot.rootfs/v1: a tree on disk, unpacked or configured. */
export const RootfsManifest = z.looseObject({
  kind: z.literal('aot.rootfs/v1'),
  ...packagesMembers,
  rootfs: doc(z.string(), 'The tree, as it was named on the command line'),
  cachedir: doc(z.string(), 'The cache directory that holds the package cache'),
  state: doc(z.enum(['unpacked', 'configured']), 'How far the tree is'),
  unpacked: doc(z.array(UnpackedItem), 'Every package, in unpack order'),
  scripts: doc(z.array(ScriptRun), 'The script record, in the order of running; empty while unpacked'),
  edited: doc(
    z.optional(Sha256),
    'Of a tree that is not what treefile and packages make, as it was edited by hand: a digest of what it is, for the input hash',
  ),
});
export type RootfsManifest = z.infer<typeof RootfsManifest>;
