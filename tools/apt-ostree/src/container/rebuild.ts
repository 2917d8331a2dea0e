import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { namesIn } from '@apt-ostree/run';
import { loadDerived } from '@apt-ostree/treefile';
import { changeRoot } from './change.ts';
import { requireContainer } from './here.ts';

const DIRECTORY = '/etc/apt-ostree/origin.d';

/** `ex rebuild`: what the files say, then they go, since they are applied. */
export async function rebuild(_args: unknown, context: Context): Promise<string | number> {
  requireContainer(context);
  const files = namesIn(DIRECTORY)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => join(DIRECTORY, name));
  if (files.length === 0) return 'No changes to apply.\n';
  const all = files.map(loadDerived);
  const isComing = all.some(({ packages, replace }) => packages.length + replace.length > 0);
  const said = await changeRoot(
    {
      install: [...new Set(all.flatMap(({ packages }) => packages))],
      remove: [...new Set(all.flatMap(({ remove }) => remove))],
      replaceFrom: all.flatMap(({ replace }) => replace),
      ...{ purge: [], replace: [], overwrite: false, offline: !isComing, dryRun: false, exit77: false },
    },
    context,
  );
  for (const file of files) rmSync(file);
  return said;
}
