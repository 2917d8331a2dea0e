import { readFileSync } from 'node:fs';
import { AotError, explain } from '@apt-ostree/errors';
import { parseKeyFile } from './key-file.ts';

export const POLICIES = ['none', 'check', 'stage', 'apply'] as const;
export type Policy = (typeof POLICIES)[number];

export interface ConfigurationKey {
  default: string;
  /** What it may be, for people and as a pattern. */
  values: string;
  pattern: RegExp;
  description: string;
}

const TRUTH = { values: 'true or false', pattern: /^(true|false)$/ };

/** The keys of the `[Daemon]` group: rpm-ostree's. */
export const DAEMON_KEYS = {
  AutomaticUpdatePolicy: {
    default: 'none',
    values: `one of ${POLICIES.join(', ')}`,
    pattern: /^(none|check|stage|apply)$/,
    description:
      'What the timer apt-ostreed-automatic.timer does: nothing; look whether there is a newer version; stage it, so that the next boot brings it; or stage it and reboot.',
  },
  IdleExitTimeout: {
    default: '60',
    values: 'a number of seconds, 0 for never',
    pattern: /^\d{1,6}$/,
    description: 'After how many seconds without work and without clients the daemon ends.',
  },
  LockLayering: {
    ...{ default: 'false', ...TRUTH },
    description: 'Lets nobody layer packages: the system stays what its image is.',
  },
  Recommends: {
    default: 'base',
    values: 'true, false, or base',
    pattern: /^(true|false|base)$/,
    description:
      'Whether layering a package brings the packages that it recommends: always, never, or where the base was made with them.',
  },
} as const satisfies Record<string, ConfigurationKey>;

type KeyName = keyof typeof DAEMON_KEYS;

/** What the `[Daemon]` group says. */
export interface Configuration {
  automaticUpdatePolicy: Policy;
  idleExitTimeout: number;
  lockLayering: boolean;
  /** Undefined: as the base was made. */
  recommends: boolean | undefined;
}

/**
 * Reads the configuration file; one that is missing says nothing.
 * @throws AotError `config` with the file and the key that is wrong
 */
export function readConfiguration(file: string): Configuration {
  const group = new Map(Object.entries(parse(file)['Daemon'] ?? {}));
  for (const key of group.keys())
    if (!Object.hasOwn(DAEMON_KEYS, key))
      throw wrong(file, `there is no '${key}' in [Daemon]`, `the keys are ${Object.keys(DAEMON_KEYS).join(', ')}`);
  const value = (name: KeyName): string => {
    const { pattern, values, ...key } = DAEMON_KEYS[name];
    const given = group.get(name) ?? key.default;
    if (pattern.test(given)) return given;
    throw wrong(file, `${name} cannot be '${given}'`, `it is ${values}`);
  };
  return {
    automaticUpdatePolicy: value('AutomaticUpdatePolicy') as Policy,
    idleExitTimeout: Number(value('IdleExitTimeout')),
    lockLayering: value('LockLayering') === 'true',
    recommends: value('Recommends') === 'base' ? undefined : value('Recommends') === 'true',
  };
}

/** For who would layer packages where LockLayering is set. */
export const layeringLocked = (): AotError =>
  new AotError('failed', 'cannot layer packages: the configuration says LockLayering=true', {
    code: 'layering-locked',
    hint: 'what is layered already can be removed; see apt-ostreed.conf(5)',
  });

function parse(file: string): ReturnType<typeof parseKeyFile> {
  try {
    return parseKeyFile(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw explain(error, `cannot read '${file}'`);
  }
}

const wrong = (file: string, what: string, hint: string): AotError =>
  new AotError('config', `cannot use '${file}': ${what}`, { code: 'bad-configuration', hint });
