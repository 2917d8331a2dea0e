import { readFileSync } from 'node:fs';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import {
  type Deployment,
  type Edits,
  editArguments,
  readSysroot,
  requireHost,
  withoutTransient,
} from '@apt-ostree/host';
import { deployBase, record } from '../change/deploy-base.ts';
import { refuseBoth } from '../change/refuse.ts';
import { finish, QUEUED, requireRunning, unchanged } from '../change/report.ts';
import { changing, type Target, targetOf } from '../change/target.ts';
import { deployWith } from '../deploy-with.ts';
import type { KargsArgs } from './command.ts';
import { editInEditor } from './editor.ts';
import { ofRunningKernel } from './proc-cmdline.ts';

const MODIFIERS = ['append', 'replace', 'delete', 'append-if-missing', 'delete-if-present'] as const;

/** `kargs`: shows kernel arguments, or deploys the same commit with others. */
export async function kargs(args: KargsArgs, context: Context): Promise<string | number | undefined> {
  refuseContradictions(args);
  if (isDisplay(args)) return display(args);
  const edited = args.editor ? await edit(args) : undefined;
  return changing(args, context, (target) => change(args, context, target, edited));
}

const isDisplay = (args: KargsArgs): boolean =>
  !args.editor &&
  args.set === undefined &&
  !args['import-proc-cmdline'] &&
  MODIFIERS.every((name) => args[name].length === 0);

function refuseContradictions(args: KargsArgs): void {
  refuseBoth(args, 'editor', ...MODIFIERS, 'import-proc-cmdline');
  refuseBoth(args, 'set', 'editor', ...MODIFIERS, 'import-proc-cmdline');
  refuseBoth(args, 'delete', 'replace');
  refuseBoth(args, 'import-proc-cmdline', 'deploy-index', 'stateroot');
  if (!isDisplay(args)) return;
  for (const option of ['reboot', 'lock-finalization'] as const)
    if (args[option]) throw new AotError('usage', `cannot use '--${option}': no kernel argument is changed`);
}

async function display(args: KargsArgs): Promise<string> {
  requireHost(args.sysroot, { root: false });
  const target = targetOf(await readSysroot(args.sysroot), args.stateroot);
  return `${chosen(target, args['deploy-index']).kernelArguments.join(' ')}\n`;
}

interface Edited {
  before: string;
  after: string[];
}

/** The editor may be open for long: the lock is not held meanwhile, and what was edited is compared afterwards. */
async function edit(args: KargsArgs): Promise<Edited> {
  requireHost(args.sysroot);
  const target = targetOf(await readSysroot(args.sysroot), args.stateroot);
  const deployment = chosen(target, args['deploy-index']);
  return { before: fingerprint(deployment), after: await editInEditor(deployment.kernelArguments) };
}

async function change(
  args: KargsArgs,
  context: Context,
  target: Target,
  edited: Edited | undefined,
): Promise<string | number | undefined> {
  requireRunning(args, target.sysroot);
  const base = chosen(target, args['deploy-index']);
  const next = edited ? afterEditor(base, edited) : editArguments(startOf(args, base), editsOf(args));
  if (next.join(' ') === base.kernelArguments.join(' ')) return nothing(args, context);
  await write({ ...target, stateroot: base.stateroot, base }, next, args, context);
  return finish('', args, context, QUEUED);
}

const editsOf = (args: KargsArgs): Edits => ({
  append: args.append,
  replace: args.replace,
  delete: args.delete,
  appendIfMissing: args['append-if-missing'],
  deleteIfPresent: args['delete-if-present'],
});

function startOf(args: KargsArgs, base: Deployment): readonly string[] {
  if (args.set !== undefined) return editArguments([], { append: wordsOf(args.set) });
  return args['import-proc-cmdline'] ? ofRunningKernel(readFileSync('/proc/cmdline', 'utf8')) : base.kernelArguments;
}

/** Blanks in quotation marks belong to a word; `ostree=` names the deployment that is to be another one. */
const wordsOf = (line: string): string[] =>
  (line.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []).filter((word) => !word.startsWith('ostree='));

/** An editor that was closed without a change is a change of mind: an error, unless 77 is wanted for it. */
function nothing(args: KargsArgs, context: Context): string | number {
  if (args.editor && !args['unchanged-exit-77'])
    throw new AotError('failed', 'the kernel arguments remained the same', { code: 'unchanged' });
  return unchanged('No changes.\n', args['unchanged-exit-77'], context);
}

const fingerprint = (d: Deployment): string => JSON.stringify([d.id, d.kernelArguments]);

function afterEditor(now: Deployment, { before, after }: Edited): string[] {
  if (fingerprint(now) === before) return after;
  throw new AotError('busy', `Conflict: bootloader configuration changed. Saved kernel arguments: ${after.join(' ')}`, {
    code: 'deployments-changed',
    hint: 'run the command again',
  });
}

async function write(target: Target, next: string[], args: KargsArgs, context: Context): Promise<void> {
  const lockFinalization = args['lock-finalization'];
  if (next.length > 0) {
    const { checksum: commit, origin } = target.base;
    await deployBase(
      target,
      { commit, origin: withoutTransient(origin), kernelArguments: next, lockFinalization },
      context,
    );
    return;
  }
  const made = await deployWith(context, [
    ...['kargs', `--sysroot=${target.sysroot.path}`, `--index=${target.base.index}`],
    ...target.base.kernelArguments.map((k) => `--delete=${k}`),
    ...(lockFinalization ? ['--lock-finalization'] : []),
  ]);
  await record(target, made, context);
}

/** The deployment that is meant: by its place in the boot order, or the next one. */
function chosen({ sysroot, base }: Target, index: string | undefined): Deployment {
  if (index === undefined) return base;
  const found = /^\d+$/.test(index) ? sysroot.deployments[Number(index)] : undefined;
  if (found !== undefined) return found;
  throw new AotError('usage', `option '--deploy-index' cannot be '${index}'`, {
    hint: `there are deployments 0 to ${sysroot.deployments.length - 1}`,
  });
}
