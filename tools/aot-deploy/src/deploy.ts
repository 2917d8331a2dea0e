import { readFileSync } from 'node:fs';
import type { Context } from '@apt-ostree/cli';
import { AotError, explain } from '@apt-ostree/errors';
import {
  checkArgument,
  chooseStateroot,
  emptyOrigin,
  type Origin,
  parseOrigin,
  parseRefspec,
  type Sysroot,
} from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { readCommit } from '@apt-ostree/ostree';
import { argumentsFor } from './arguments-for.ts';
import { change, type Where } from './change.ts';
import { makeDeployment } from './make-deployment.ts';
import { checkRoom } from './room.ts';
import { staging } from './staging.ts';
import { pull, setRef } from './take-over.ts';

export interface DeployArgs extends Where {
  stateroot: string | undefined;
  commit: string | undefined;
  refspec: string | undefined;
  origin: string | undefined;
  stage: boolean;
  'lock-finalization': boolean;
  karg: string[];
  'append-karg': string[];
  'delete-karg': string[];
  'not-as-default': boolean;
  retain: boolean;
  'no-merge': boolean;
}

/** What is deployed, and where it comes from. */
interface Source {
  commit: string;
  /** The repository it is taken from; undefined where the sysroot has it. */
  repo: string | undefined;
  /** The ref of that repository that the sysroot's is to have too. */
  ref: string | undefined;
  origin: Origin;
}

/** Deploys a commit: checks the whole request, takes the commit over, and has libostree make the deployment. */
export async function deploy(args: DeployArgs, context: Context): Promise<DeploymentManifest> {
  checkTogether(args);
  const source = await readSource(args, context);
  return change(args, 'deploy', async (before) => {
    const made = await deployIn(before, source, args, context);
    return { changed: true, id: made.id };
  });
}

async function deployIn(before: Sysroot, source: Source, args: DeployArgs, context: Context) {
  const stateroot = chooseStateroot(before, args.stateroot);
  const direct = args['not-as-default'] || args.retain;
  const stage = staging(before, { asked: args.stage, locked: args['lock-finalization'], direct }, context);
  const kernelArguments = argumentsFor(before, stateroot, {
    only: args.karg,
    append: args['append-karg'],
    delete: args['delete-karg'],
    fresh: args['no-merge'],
  });
  readCommit(source.repo ?? before.repo, source.commit); // it is there, and whole
  await checkRoom(before, { stateroot, commit: source.commit, from: source.repo, retain: args.retain });
  if (source.repo !== undefined) await pull(source.repo, source.commit, before.repo);
  const made = await makeDeployment(before, {
    commit: source.commit,
    stateroot,
    origin: source.origin,
    kernelArguments,
    stage,
    lockFinalization: args['lock-finalization'],
    notAsDefault: args['not-as-default'],
    retain: args.retain,
    noMerge: args['no-merge'],
  });
  if (source.ref !== undefined) await setRef(before.repo, source.ref, source.commit);
  return made;
}

function checkTogether(args: DeployArgs): void {
  const apart = (a: string, b: string) => new AotError('usage', `cannot use '${a}' and '${b}' together`);
  for (const never of ['not-as-default', 'retain'] as const) {
    if (args.stage && args[never]) throw apart('--stage', `--${never}`);
    if (args['lock-finalization'] && args[never]) throw apart('--lock-finalization', `--${never}`);
  }
  if (args.karg.length > 0 && args['append-karg'].length > 0) throw apart('--karg', '--append-karg');
  if (args.karg.length > 0 && args['delete-karg'].length > 0) throw apart('--karg', '--delete-karg');
  if (args.refspec !== undefined && args.commit === undefined)
    throw new AotError('usage', "cannot use '--refspec' without '--commit'", {
      hint: 'the ref of a commit that is read from standard input stands in its manifest',
    });
  for (const text of [...args.karg, ...args['append-karg'], ...args['delete-karg']]) checkArgument(text);
}

async function readSource(args: DeployArgs, context: Context): Promise<Source> {
  const written = args.origin === undefined ? undefined : readOrigin(args.origin);
  if (args.commit !== undefined) {
    if (args.refspec !== undefined) parseRefspec(args.refspec);
    const commit = args.commit === '-' ? await firstLine(context) : args.commit;
    checkChecksum(commit);
    return { commit, repo: undefined, ref: undefined, origin: written ?? from(args.refspec ?? commit) };
  }
  const { commit, repo, ref } = await context.readManifest('aot.commit/v1');
  return { commit, repo, ref: ref ?? undefined, origin: written ?? from(ref ?? commit) };
}

/** A caller that fetches the commit meanwhile says late which it is. */
async function firstLine(context: Context): Promise<string> {
  for await (const line of context.lines()) return line;
  throw new AotError('noInput', 'cannot read a checksum from standard input: it is empty', {
    hint: "'--commit -' wants the checksum of the commit there",
  });
}

const from = (refspec: string): Origin => ({ ...emptyOrigin(), refspec });

function readOrigin(file: string): Origin {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw explain(error, `cannot read the origin file '${file}'`);
  }
  const origin = parseOrigin(text, file);
  if (origin.refspec !== undefined || origin.containerImageReference !== undefined) return origin;
  throw new AotError('data', `cannot use '${file}': it names neither a refspec nor a container image`);
}

function checkChecksum(commit: string): void {
  if (/^[0-9a-f]{64}$/.test(commit)) return;
  throw new AotError('usage', `cannot deploy '${commit}': it is no checksum of a commit`, {
    hint: 'give all of its 64 hexadecimal digits',
  });
}
