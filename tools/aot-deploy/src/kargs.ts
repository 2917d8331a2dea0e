import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import {
  checkArgument,
  chooseStateroot,
  type Deployment,
  type Edits,
  editArguments,
  mergeDeployment,
  pendingDeployment,
  type Sysroot,
} from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { change, type Where } from './change.ts';
import { checkIndex, chooseIndex } from './choose-index.ts';
import { makeDeployment } from './make-deployment.ts';
import { checkRoom } from './room.ts';
import { staging } from './staging.ts';

interface KargsArgs extends Where {
  stateroot: string | undefined;
  index: string | undefined;
  append: string[];
  replace: string[];
  delete: string[];
  'append-if-missing': string[];
  'delete-if-present': string[];
  stage: boolean;
  'lock-finalization': boolean;
}

/** Deploys a commit once more, with other kernel arguments. */
export async function kargs(args: KargsArgs, context: Context): Promise<DeploymentManifest> {
  const edits = checkEdits(args);
  return change(args, 'kargs', async (before) => {
    const base = chooseBase(before, args);
    const edited = editArguments(base.kernelArguments, edits);
    if (edited.join('\n') === base.kernelArguments.join('\n')) return { changed: false, id: base.id };
    const asked = { asked: args.stage, locked: args['lock-finalization'] };
    const stage = staging(before, asked, context);
    const { stateroot, checksum: commit } = base;
    await checkRoom(before, { stateroot, commit, from: undefined, retain: false });
    const made = await makeDeployment(before, {
      commit,
      stateroot,
      origin: base.origin,
      kernelArguments: edited,
      stage,
      lockFinalization: args['lock-finalization'],
      notAsDefault: false,
      retain: false,
      noMerge: false,
    });
    return { changed: true, id: made.id };
  });
}

function checkEdits(args: KargsArgs): Edits {
  const edits = {
    append: args.append,
    replace: args.replace,
    delete: args.delete,
    appendIfMissing: args['append-if-missing'],
    deleteIfPresent: args['delete-if-present'],
  };
  const all = Object.values(edits).flat();
  if (all.length === 0)
    throw new AotError('usage', 'no change to the kernel arguments is given', { hint: "as in '--append quiet'" });
  if (args.delete.length > 0 && args.replace.length > 0)
    throw new AotError('usage', "cannot use '--delete' and '--replace' together");
  for (const text of all) checkArgument(text);
  if (args.index !== undefined) checkIndex(args.index);
  return edits;
}

/** The one that boots next, unless another is named. */
function chooseBase(sysroot: Sysroot, args: KargsArgs): Deployment {
  if (args.index !== undefined) return chooseIndex(sysroot, args.index);
  const stateroot = chooseStateroot(sysroot, args.stateroot);
  const base = pendingDeployment(sysroot, stateroot) ?? mergeDeployment(sysroot, stateroot);
  if (base !== undefined) return base;
  throw new AotError('noInput', `cannot find a deployment of '${stateroot}' in '${sysroot.path}'`);
}
