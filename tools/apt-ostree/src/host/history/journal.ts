import { readdirSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import { DEPLOYMENT_MESSAGE_ID } from '@apt-ostree/host';
import { run } from '@apt-ostree/run';

/** ostree-prepare-root(1) logs this at each boot, with the deployment that it found. */
const BOOT_MESSAGE_ID = '7170336a73ba4601bad31af888aa0df7';

/** One entry of the journal: a boot of a deployment, or the making of one. */
export interface Mark {
  kind: 'boot' | 'deployment';
  /** Seconds since the epoch. */
  time: number;
  /** `/ostree/deploy/<stateroot>/deploy/<checksum>.<serial>`. */
  path: string;
  commandLine: string | undefined;
  version: string | undefined;
}

/**
 * Reads the entries about deployments, the oldest first.
 * @throws AotError `failed` where there is no journal
 */
export async function readMarks(): Promise<Mark[]> {
  requireJournal();
  const matches = [BOOT_MESSAGE_ID, DEPLOYMENT_MESSAGE_ID].map((id) => `MESSAGE_ID=${id}`);
  const { exitCode, stdout, stderr } = await run('journalctl', ['--output=json', '--no-pager', '--all', ...matches], {
    ok: 'any',
  });
  if (/No journal files were opened/.test(stderr)) throw notReadable();
  // without a match some versions end with 1 and say nothing else
  if (exitCode !== 0 && stdout.trim() === '' && stderr.trim() !== '')
    throw new AotError('failed', `cannot read the journal: ${stderr.trim().split('\n').at(-1)}`);
  return parseMarks(stdout);
}

/** Where systemd-journald(8) keeps its files, in a directory for each machine that has an identity. */
const JOURNALS = ['/run/log/journal', '/var/log/journal'];

function requireJournal(): void {
  const names = JOURNALS.flatMap((top) => list(top).flatMap((name) => [name, ...list(`${top}/${name}`)]));
  if (names.some((name) => name.endsWith('.journal'))) return;
  throw new AotError('failed', 'cannot show the history: there is no journal', {
    code: 'no-journal',
    hint: "systemd-journald writes it; it is kept over reboots where '/var/log/journal' exists",
  });
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

const notReadable = () =>
  new AotError('failed', 'cannot show the history: the journal is not readable', {
    code: 'no-journal',
    hint: "run it as root or as a member of group 'systemd-journal'",
  });

/** Lines of `journalctl --output=json`. Entries that lack what we need are of no use and left out. */
export function parseMarks(text: string): Mark[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => mark(JSON.parse(line) as Record<string, unknown>) ?? []);
}

function mark(entry: Record<string, unknown>): Mark | undefined {
  const text = (key: string) => (typeof entry[key] === 'string' ? (entry[key] as string) : undefined);
  const path = text('DEPLOYMENT_PATH');
  const time = Number(text('__REALTIME_TIMESTAMP'));
  if (path === undefined || !Number.isFinite(time)) return undefined;
  return {
    kind: text('MESSAGE_ID') === BOOT_MESSAGE_ID ? 'boot' : 'deployment',
    time: Math.floor(time / 1e6),
    path,
    commandLine: text('COMMAND_LINE'),
    version: text('OSTREE_VERSION'),
  };
}
