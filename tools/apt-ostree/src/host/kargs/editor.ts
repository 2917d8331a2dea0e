import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { checkArgument, splitArguments } from '@apt-ostree/host';
import { splitWords } from '@apt-ostree/pipeline';
import { start, temporaryDirectory } from '@apt-ostree/run';

const HELP = `# Please enter the kernel arguments. Each kernel argument should be in the form of key=value.
# Lines starting with '#' will be ignored. Each key=value pair should be separated by spaces,
# and multiple values associated with one key are allowed.
# The argument 'ostree=' names the deployment to boot and is not for editing.

`;

/** Has somebody edit kernel arguments in their editor (environ(7): VISUAL, EDITOR). */
export async function editInEditor(current: readonly string[]): Promise<string[]> {
  const scratch = await temporaryDirectory(tmpdir());
  try {
    const file = join(scratch.path, 'kernel-arguments');
    writeFileSync(file, `${HELP}${current.join(' ')}\n`);
    await openEditor(file);
    return parseEdited(readFileSync(file, 'utf8'));
  } finally {
    await scratch.remove();
  }
}

async function openEditor(file: string): Promise<void> {
  const [program = 'vi', ...args] = splitWords(process.env['VISUAL'] || process.env['EDITOR'] || 'vi');
  const { code, signal } = await start(program, [...args, file], { stdio: 'inherit' }).ended;
  if (code !== 0)
    throw new AotError('failed', `the editor '${program}' ended with ${code ?? signal}: nothing was changed`);
}

/**
 * Reads what was left in the editor.
 * @throws AotError for nothing at all, for `ostree=`, and for what cannot be an argument
 */
export function parseEdited(text: string): string[] {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  const edited = splitArguments(lines.join(' '));
  if (edited.length === 0) throw new AotError('failed', 'the kernel arguments cannot be empty: nothing was changed');
  for (const argument of edited) checkArgument(argument);
  return edited;
}
