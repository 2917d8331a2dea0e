import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptSandbox } from '@apt-ostree/bwrap';
import { AotError } from '@apt-ostree/errors';

/**
 * Holds the tree against what a finished installation looks like: dpkg --audit has nothing to say, and no trigger waits.
 * @throws AotError `failed`
 */
export async function checkConfigured(sandbox: ScriptSandbox): Promise<void> {
  const from = sandbox.printed;
  await sandbox.run({ as: { package: 'dpkg', script: 'audit' }, argv: ['dpkg', '--audit'] });
  const said = sandbox.outputSince(from).trim();
  if (said !== '')
    throw new AotError('failed', `cannot configure the tree: dpkg --audit complains\n${said}`, { code: 'audit' });
  const waiting = statSync(join(sandbox.overlay.merged, 'var/lib/dpkg/triggers/Unincorp'), { throwIfNoEntry: false });
  if (waiting && waiting.size > 0)
    throw new AotError('failed', 'cannot configure the tree: triggers are left over', { code: 'audit' });
  sandbox.rows.pop(); // an audit is no script
}
