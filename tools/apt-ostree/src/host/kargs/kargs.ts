import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { type Deployment, editArguments, readSysroot, requireHost, withoutTransient } from '@apt-ostree/host';
import { deployBase, record } from '../change/deploy-base.ts';
import { refuseBoth } from '../change/refuse.ts';
import { finish, QUEUED, requireRunning, unchanged } from '../change/report.ts';
import { changing, type Target, targetOf } from '../change/target.ts';
import { deployWith } from '../deploy-with.ts';
import { editedArguments, importedArguments } from './apart.ts';
import type { KargsArgs } from './command.ts';
import { chosen, editsOf } from './wanted.ts';

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
  const { deployment, after } = await editedArguments(args);
  return { before: fingerprint(deployment), after };
}

async function change(
  args: KargsArgs,
  context: Context,
  target: Target,
  edited: Edited | undefined,
): Promise<string | number | undefined> {
  requireRunning(args, target.sysroot);
  const base = chosen(target, args['deploy-index']);
  const next = edited ? afterEditor(base, edited) : wanted(args, base);
  if (next.join(' ') === base.kernelArguments.join(' '))
    return unchanged('No changes.\n', args['unchanged-exit-77'], context);
  await write({ ...target, stateroot: base.stateroot, base }, next, args, context);
  return finish('', args, context, QUEUED);
}

function wanted(args: KargsArgs, base: Deployment): string[] {
  if (args.set !== undefined) return editArguments([], { append: wordsOf(args.set) });
  return args['import-proc-cmdline'] ? importedArguments(args) : editArguments(base.kernelArguments, editsOf(args));
}

/** Blanks in quotation marks belong to a word; `ostree=` names the deployment that is to be another one. */
const wordsOf = (line: string): string[] =>
  (line.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []).filter((word) => !word.startsWith('ostree='));

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
  const made = await deployWith(context, target.sysroot, [
    ...['kargs', `--index=${target.base.index}`],
    ...target.base.kernelArguments.map((k) => `--delete=${k}`),
    ...(lockFinalization ? ['--lock-finalization'] : []),
  ]);
  await record(target, made, context);
}
