import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cachePaths } from '@apt-ostree/manifest';
import type { Session } from './session.ts';

/** `--name value` for a value that was given, `--name` for true, once for each of a list; nothing otherwise. */
export function flag(name: string, value: string | boolean | readonly string[] | undefined): string[] {
  if (value === true) return [`--${name}`];
  if (typeof value === 'string') return [`--${name}`, value];
  if (Array.isArray(value)) return value.flatMap((v: string) => [`--${name}`, v]);
  return [];
}

export interface ResolveArgs {
  treefile: string;
  'cache-only': boolean;
  'source-root'?: string | undefined;
  lockfile: string[];
  'lockfile-strict': boolean;
  /** Credentials for registries. */
  authfile?: string | undefined;
}

export const resolveArguments = (session: Session, args: ResolveArgs, base: readonly string[]): string[] => [
  ...['--cachedir', session.cachedir],
  ...flag('source-root', args['source-root']),
  ...flag('lockfile', args.lockfile),
  ...flag('lockfile-strict', args['lockfile-strict']),
  ...flag('cache-only', args['cache-only']),
  ...base,
  args.treefile,
];

export const fetchArguments = (session: Session, offline: boolean, stream: boolean): string[] => [
  ...['--cachedir', session.cachedir, '--source-root', session.sourceRoot],
  ...flag('offline', offline),
  ...have(session),
  ...flag('stream', stream),
];

/** Packages that our own aot-unpack has imported need no download. */
function have({ cachedir, chosen }: Session): string[] {
  const { repo } = cachePaths(cachedir);
  return chosen.program('fetch').own && chosen.program('unpack').own && existsSync(join(repo, 'config'))
    ? ['--have', repo]
    : [];
}

export const unpackArguments = (session: Session, rootfs: string, uncached: boolean): string[] => [
  ...['--cachedir', session.cachedir, '--rootfs', rootfs],
  ...flag('no-configured-cache', uncached),
];

export const sandboxArguments = (session: Session): string[] => [
  ...['--cachedir', session.cachedir, '--source-root', session.sourceRoot],
];

export interface CommitArgs {
  repo?: string | undefined;
  'layer-repo'?: string | undefined;
  'add-metadata-string': string[];
  'add-metadata-from-json'?: string | undefined;
  'write-commitid-to'?: string | undefined;
  'no-parent': boolean;
  parent?: string | undefined;
  'strict-var': boolean;
  'force-nocache'?: boolean;
  'previous-inputhash'?: string | undefined;
  'previous-version'?: string | undefined;
}

const HANDED_ON = [
  'repo',
  'layer-repo',
  'add-metadata-string',
  'add-metadata-from-json',
  'write-commitid-to',
  'no-parent',
  'parent',
  'strict-var',
  'previous-inputhash',
  'previous-version',
] as const satisfies readonly (keyof CommitArgs)[];

export const commitArguments = (session: Session, args: CommitArgs): string[] => [
  ...['--cachedir', session.cachedir, '--source-root', session.sourceRoot],
  ...HANDED_ON.flatMap((name) => flag(name, args[name])),
  ...flag('force', args['force-nocache']),
];
