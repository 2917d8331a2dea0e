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
export const recordDeployment = (entry: DeploymentEntry): Promise<void> => log(journalText(entry));

async function log(text: string): Promise<void> {
  if (!existsSync(SOCKET)) return;
  try {
    await run('logger', ['--journald'], { input: text, ok: 'any' });
  } catch {
    // the history lacks an entry
  }
}

/** Of every journal entry about a change that the daemon made for somebody. */
export const TRANSACTION_MESSAGE_ID = '0d9e3ba5bbd14c31a5c6a7e0a5de7a41';

export interface TransactionEntry {
  /** What was asked for: a command line. */
  title: string;
  /** The method of the bus. */
  method: string;
  /** Who asked: its name on the bus, and its user. */
  agent: string;
  uid: number;
  /** `done`, or why not. */
  result: string;
  milliseconds: number;
  /** What changed, a word for each package: `+name_1.0_all`, `-...` or `name_1.0_all>name_1.1_all`. */
  packages: readonly string[];
  /** The default deployment's commit before and after. */
  before: string | undefined;
  after: string | undefined;
}

/** Writes a change that the daemon made into the journal. */
export const recordTransaction = (entry: TransactionEntry): Promise<void> => log(transactionText(entry));

export const transactionText = (entry: TransactionEntry): string =>
  fieldsText({
    MESSAGE_ID: TRANSACTION_MESSAGE_ID,
    MESSAGE: `${entry.title}: ${entry.result}`,
    SYSLOG_IDENTIFIER: 'apt-ostreed',
    PRIORITY: entry.result === 'done' ? '6' : '4',
    COMMAND_LINE: entry.title,
    OPERATION: entry.method,
    AGENT: entry.agent,
    AGENT_UID: String(entry.uid),
    DURATION_MSEC: String(entry.milliseconds),
    ...(entry.packages.length === 0 ? {} : { PACKAGES: entry.packages.join(' ') }),
    ...(entry.before === undefined ? {} : { OSTREE_CHECKSUM_BEFORE: entry.before }),
    ...(entry.after === undefined ? {} : { OSTREE_CHECKSUM: entry.after }),
  });

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
  return fieldsText(fields);
}

const fieldsText = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value.replaceAll(/[\r\n]+/g, ' ')}\n`)
    .join('');
