import { AotError } from '@apt-ostree/errors';
import type { Wrapped } from './steps/shim.ts';

/** What the commit needs of the flattened treefile, with the defaults of the treefile language. */
export interface Settings {
  ref: string | undefined;
  container: boolean;
  initramfs: boolean;
  initramfsArgs: readonly string[];
  tmpIsDir: boolean;
  optUsrlocal: 'var' | 'root' | 'stateoverlay';
  machineidCompat: boolean;
  ignoreDevices: boolean;
  readonlyExecutables: boolean;
  checkPasswd: AccountCheck;
  checkGroups: AccountCheck;
  ignoreRemovedUsers: readonly string[];
  ignoreRemovedGroups: readonly string[];
  etcGroupMembers: readonly string[];
  versionPrefix: string | undefined;
  versionSuffix: string;
  mutateOsRelease: string | undefined;
  repoMetadata: 'inline' | 'detached' | 'disabled';
  commitMetadata: Record<string, unknown>;
  gpgKey: string | undefined;
  layers: readonly string[];
  overrideLayers: readonly string[];
  /** The programs that end on a booted system with an explanation. */
  wrapped: readonly Wrapped[];
}

/** What users or groups are compared with: nothing, the parent commit, a passwd or group file, or a table of numbers. */
export interface AccountCheck {
  type: 'none' | 'previous' | 'file' | 'data';
  filename?: string;
  entries?: Record<string, number | readonly number[]>;
}

type Flat = Record<string, unknown>;

/** @throws AotError `config` for a value that the treefile language does not have */
export function settings(t: Flat): Settings {
  const container = flag(t, 'container', false);
  const preserve = flag(t, 'preserve-passwd', !container);
  return {
    ref: text(t, 'ref'),
    container,
    initramfs: !container && !flag(t, 'no-initramfs', false),
    initramfsArgs: list(t, 'initramfs-args'),
    tmpIsDir: container || flag(t, 'tmp-is-dir', true),
    optUsrlocal: optUsrlocal(t),
    machineidCompat: flag(t, 'machineid-compat', true),
    ignoreDevices: flag(t, 'ignore-devices', true),
    readonlyExecutables: flag(t, 'readonly-executables', false),
    checkPasswd: check(t, 'check-passwd', preserve),
    checkGroups: check(t, 'check-groups', preserve),
    ignoreRemovedUsers: list(t, 'ignore-removed-users'),
    ignoreRemovedGroups: list(t, 'ignore-removed-groups'),
    etcGroupMembers: list(t, 'etc-group-members'),
    versionPrefix: text(t, 'automatic-version-prefix'),
    versionSuffix: text(t, 'automatic-version-suffix') ?? '.',
    mutateOsRelease: text(t, 'mutate-os-release'),
    repoMetadata: choice(t, 'repo-metadata', ['inline', 'detached', 'disabled']),
    commitMetadata: (t['add-commit-metadata'] as Flat | undefined) ?? {},
    gpgKey: text(t, 'gpg-key'),
    layers: list(t, 'ostree-layers'),
    overrideLayers: list(t, 'ostree-override-layers'),
    wrapped: flag(t, 'cliwrap', false) ? wrapped(t) : [],
  };
}

const flag = (t: Flat, key: string, byDefault: boolean): boolean => (typeof t[key] === 'boolean' ? t[key] : byDefault);

const text = (t: Flat, key: string): string | undefined =>
  typeof t[key] === 'string' || typeof t[key] === 'number' ? String(t[key]) : undefined;

const list = (t: Flat, key: string): readonly string[] => (Array.isArray(t[key]) ? t[key].map(String) : []);

function choice<const V extends string>(t: Flat, key: string, values: readonly [V, ...V[]]): V {
  const value = t[key] ?? values[0];
  if (values.includes(value as V)) return value as V;
  throw new AotError('config', `cannot use '${key}': '${String(value)}' is not one of ${values.join(', ')}`);
}

const wrapped = (t: Flat): readonly Wrapped[] =>
  (t['cliwrap-binaries'] as readonly Wrapped[] | undefined) ?? ['apt', 'dpkg'];

function optUsrlocal(t: Flat): Settings['optUsrlocal'] {
  const value = choice(t, 'opt-usrlocal', ['var', 'root', 'stateoverlay', 'state-overlay']);
  return value === 'state-overlay' ? 'stateoverlay' : value;
}

/** What the treefile says, or else, where numbers are to be preserved, the commit before. */
function check(t: Flat, key: string, preserve: boolean): AccountCheck {
  return (t[key] as AccountCheck | undefined) ?? { type: preserve ? 'previous' : 'none' };
}
