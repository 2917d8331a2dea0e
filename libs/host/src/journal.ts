import { existsSync } from 'node:fs';
import { run } from '@apt-ostree/run';

/** Of every journal entry about a deployment that we made (systemd.journal-fields(7), MESSAGE_ID). */
export const DEPLOYMENT_MESSAGE_ID = '789a1eba0b1b4f03b760d628f13c7ae9';

export interface DeploymentEntry {
  /** What a person reads: `upgrade: staged test 1.2`. */
  message: string;
  /** The command line that made it. */
  commandLine: string;
  stateroot: string;
  /** Of the deployed commit. */
  checksum: string;
  serial: number;
  /** `upgrade`, `rollback`, ...: the command's own name. */
  operation: string;
  version: string | undefined;
}

/** The journal's socket: without it there is no journal. */
const SOCKET = '/run/systemd/journal/socket';

/**
 * Writes a deployment into the journal, for `ex history`. A host without a journal, or one that refuses, is no error: the
 * deployment is made already.
 */
export async function recordDeployment(entry: DeploymentEntry): Promise<void> {
  if (!existsSync(SOCKET)) return;
  try {
    await run('logger', ['--journald'], { input: journalText(entry), ok: 'any' });
  } catch {
    // the history lacks an entry
  }
}

/** Fields as logger(1) reads them: one a line, without line breaks. */
export function journalText(entry: DeploymentEntry): string {
  const fields = {
    MESSAGE_ID: DEPLOYMENT_MESSAGE_ID,
    MESSAGE: entry.message,
    SYSLOG_IDENTIFIER: 'apt-ostree',
    PRIORITY: '6',
    COMMAND_LINE: entry.commandLine,
    OPERATION: entry.operation,
    DEPLOYMENT_PATH: `/ostree/deploy/${entry.stateroot}/deploy/${entry.checksum}.${entry.serial}`,
    OSTREE_STATEROOT: entry.stateroot,
    OSTREE_CHECKSUM: entry.checksum,
    OSTREE_DEPLOYSERIAL: String(entry.serial),
    ...(entry.version === undefined ? {} : { OSTREE_VERSION: entry.version }),
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value.replaceAll(/[\r\n]+/g, ' ')}\n`)
    .join('');
}
