import { readFileSync } from 'node:fs';
import { AotError, explain } from '@apt-ostree/errors';
import { isStageName, STAGES, type StageName } from './stage.ts';

export const CONFIGURATION = '/etc/apt-ostreed.conf';

/**
 * The `[stages]` group of the configuration file: the command for each stage that the administrator swapped. The file has
 * the key file format of the Desktop Entry Specification, as ostree's and rpm-ostree's have.
 * @throws AotError `config` for a stage that does not exist
 */
export function configuredStages(file = CONFIGURATION): Partial<Record<StageName, string>> {
  const stages: Partial<Record<StageName, string>> = {};
  for (const [key, value] of group(read(file), 'stages')) {
    if (!isStageName(key))
      throw new AotError('config', `cannot use '${file}': there is no stage '${key}'`, {
        hint: `the stages are ${STAGES.join(', ')}`,
      });
    stages[key] = value;
  }
  return stages;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw explain(error, `cannot read '${file}'`);
  }
}

function* group(text: string, wanted: string): Iterable<[string, string]> {
  let current = '';
  for (const line of text.split('\n').map((l) => l.trim())) {
    if (line.startsWith('[')) current = line.slice(1, line.indexOf(']'));
    const at = line.indexOf('=');
    if (current !== wanted || at < 1 || line.startsWith('#')) continue;
    yield [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  }
}
