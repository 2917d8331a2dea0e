import { readFileSync } from 'node:fs';
import { AotError, explain } from '@apt-ostree/errors';
import { parseKeyFile } from '@apt-ostree/host';

export const POLICIES = ['none', 'check', 'stage', 'apply'] as const;
export type Policy = (typeof POLICIES)[number];

/** The `[Daemon]` group of the configuration, with rpm-ostree's keys. */
export interface Configuration {
  automaticUpdatePolicy: Policy;
  /** Seconds without work after which the daemon ends; 0 for never. */
  idleExitTimeout: number;
  /** No package may be layered. */
  lockLayering: boolean;
  /** Layering brings recommended packages too. */
  recommends: boolean;
}

/**
 * @throws AotError `config` with the file and the key that is wrong
 */
export function readConfiguration(file: string): Configuration {
  const daemon = new Map(Object.entries(parseKeyFile(read(file), file)['Daemon'] ?? {}));
  const known = ['AutomaticUpdatePolicy', 'IdleExitTimeout', 'LockLayering', 'Recommends'];
  for (const key of daemon.keys())
    if (!known.includes(key)) throw wrong(file, `there is no '${key}' in [Daemon]`, `the keys are ${known.join(', ')}`);
  return {
    automaticUpdatePolicy: policy(file, daemon.get('AutomaticUpdatePolicy') ?? 'none'),
    idleExitTimeout: seconds(file, daemon.get('IdleExitTimeout') ?? '60'),
    lockLayering: truth(file, 'LockLayering', daemon.get('LockLayering') ?? 'false'),
    recommends: truth(file, 'Recommends', daemon.get('Recommends') ?? 'true'),
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw explain(error, `cannot read '${file}'`);
  }
}

function policy(file: string, value: string): Policy {
  const known = POLICIES.find((p) => p === value);
  if (known !== undefined) return known;
  throw wrong(file, `AutomaticUpdatePolicy cannot be '${value}'`, `it is one of ${POLICIES.join(', ')}`);
}

function seconds(file: string, value: string): number {
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw wrong(file, `IdleExitTimeout cannot be '${value}'`, 'it is a number of seconds, 0 for never');
}

function truth(file: string, key: string, value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw wrong(file, `${key} cannot be '${value}'`, 'it is true or false');
}

const wrong = (file: string, what: string, hint: string): AotError =>
  new AotError('config', `cannot use '${file}': ${what}`, { code: 'bad-configuration', hint });
