import type { Lint } from '../lint.ts';
import { emptyPassword, sysusers } from './accounts.ts';
import {
  apiBaseDirectories,
  baseimageRoot,
  buildahInjected,
  etcUsretc,
  nonemptyBoot,
  nonemptyRunTmp,
  utf8,
  varRun,
} from './base-layout.ts';
import { baseimageComposefs, composefsSupport } from './composefs.ts';
import { setuid, specialFiles } from './files.ts';
import { machineId, randomSeed, sshHostKeys } from './identity.ts';
import { architecture, label } from './image.ts';
import { initramfsOstree, initramfsPrepareRoot } from './initramfs.ts';
import { initramfsMissing, kernel, kernelMissing } from './kernel.ts';
import { bootcKargs } from './kernel-arguments.ts';
import { dpkgDatabase, osRelease } from './packages.ts';
import { varLog, varTmpfiles } from './var.ts';

/** What 'bootc container lint' looks for, under its names. */
export const BOOTC: readonly Lint[] = [
  apiBaseDirectories,
  baseimageComposefs,
  baseimageRoot,
  bootcKargs,
  buildahInjected,
  etcUsretc,
  kernel,
  nonemptyBoot,
  nonemptyRunTmp,
  sysusers,
  utf8,
  varLog,
  varRun,
  varTmpfiles,
];

const OWN: readonly Lint[] = [
  architecture,
  composefsSupport,
  dpkgDatabase,
  emptyPassword,
  initramfsMissing,
  initramfsOstree,
  initramfsPrepareRoot,
  kernelMissing,
  label,
  machineId,
  osRelease,
  randomSeed,
  setuid,
  specialFiles,
  sshHostKeys,
];

/** All of them, by name. */
export const LINTS: readonly Lint[] = [...BOOTC, ...OWN].sort((a, b) => (a.name < b.name ? -1 : 1));
