import { byteCode, clean, layOutVar, maskUnits, regenerate } from '@apt-ostree/layout';
import { span } from '@apt-ostree/run';
import type { Layout } from './layout.ts';
import { apiDirectories } from './steps/api-directories.ts';
import { aptHook } from './steps/apt-hook.ts';
import { checkAccounts } from './steps/check-accounts.ts';
import { ldCache } from './steps/ld-cache.ts';
import { libostreePlaces } from './steps/libostree-places.ts';
import { machineId } from './steps/machine-id.ts';
import { moveEtc } from './steps/move-etc.ts';
import { osRelease } from './steps/os-release.ts';
import { prepareRoot } from './steps/prepare-root.ts';
import { readonlyExecutables } from './steps/readonly-executables.ts';
import { shadow } from './steps/shadow.ts';
import { shim } from './steps/shim.ts';
import { specialFiles } from './steps/special-files.ts';
import { strictVar } from './steps/strict-var.ts';
import { sysusers } from './steps/sysusers.ts';
import { topLevel } from './steps/top-level.ts';
import { touched } from './touched.ts';

export interface LayoutOptions {
  sourceRoot: string;
  strictVar: boolean;
}

/** What is done while /etc and /var are where the programs of the tree expect them, before dracut. */
export async function prepareTree(layout: Layout, options: LayoutOptions): Promise<void> {
  await span('phase', 'layout: prepare', async () => {
    libostreePlaces(layout);
    apiDirectories(layout);
    specialFiles(layout);
    clean(layout);
    machineId(layout);
    regenerate(layout);
    shadow(layout);
    await checkAccounts(layout, options.sourceRoot);
    await sysusers(layout);
    byteCode(layout.tree, touched(layout, 'usr'));
    maskUnits(layout);
    shim(layout);
    aptHook(layout);
    prepareRoot(layout);
    await ldCache(layout);
    if (options.strictVar) strictVar(layout);
  });
}

/** The moves that end the tree's life as a root directory: package state, /var, top level, /etc. */
export async function finishTree(layout: Layout): Promise<void> {
  await span('phase', 'layout: finish', async () => {
    osRelease(layout); // after dracut, whose image has a copy: it would be another one for every version
    topLevel(layout);
    layOutVar(layout, layout.settings.optUsrlocal === 'var');
    readonlyExecutables(layout);
    moveEtc(layout);
  });
}
