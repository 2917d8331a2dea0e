import { AotError } from '@apt-ostree/errors';
import {
  formatKeyFile,
  formatList,
  type KeyFile,
  parseKeyFile,
  parseList,
  readEscapes,
  writeEscapes,
} from './key-file.ts';
import type { Origin } from './origin.ts';

/** What libostree keeps in an origin for one deployment only (`ostree_deployment_origin_remove_transient_state`). */
const TRANSIENT = 'libostree-transient';

/** The origin of a deployment that comes from nowhere. */
export const emptyOrigin = (): Origin => ({
  refspec: undefined,
  containerImageReference: undefined,
  overrideCommit: undefined,
  customUrl: undefined,
  customDescription: undefined,
  unconfiguredState: undefined,
  packages: { requested: [], requestedLocal: [], requestedLocalFileoverride: [] },
  overrides: { remove: [], replaceLocal: [], replace: [] },
  regenerateInitramfs: false,
  initramfsEtc: [],
  initramfsArgs: [],
  rest: {},
});

/**
 * Reads an origin file.
 * @param file for the error
 * @throws AotError `data` when it is no key file, or has two bases
 */
export function parseOrigin(text: string, file: string): Origin {
  const keys = new Keys(parseKeyFile(text, file), file);
  const base = keys.text('origin', 'baserefspec');
  const refspec = keys.text('origin', 'refspec');
  const image = keys.text('origin', 'container-image-reference');
  if (image !== undefined && (base ?? refspec) !== undefined) {
    throw new AotError('data', `cannot use '${file}': it has both a refspec and a container image`);
  }
  return {
    refspec: base ?? refspec,
    containerImageReference: image,
    overrideCommit: keys.text('origin', 'override-commit'),
    customUrl: keys.text('origin', 'custom-url'),
    customDescription: keys.text('origin', 'custom-description'),
    unconfiguredState: keys.text('origin', 'unconfigured-state'),
    packages: {
      requested: keys.list('packages', 'requested'),
      requestedLocal: keys.list('packages', 'requested-local'),
      requestedLocalFileoverride: keys.list('packages', 'requested-local-fileoverride'),
    },
    overrides: {
      remove: keys.list('overrides', 'remove'),
      replaceLocal: keys.list('overrides', 'replace-local'),
      replace: keys.list('overrides', 'replace'),
    },
    regenerateInitramfs: keys.flag('rpmostree', 'regenerate-initramfs'),
    initramfsEtc: keys.list('rpmostree', 'initramfs-etc'),
    initramfsArgs: keys.list('rpmostree', 'initramfs-args'),
    rest: keys.rest(),
  };
}

/** Takes known keys away, so that the rest is what is left. */
class Keys {
  readonly #groups: KeyFile;
  readonly #file: string;

  constructor(groups: KeyFile, file: string) {
    this.#groups = groups;
    this.#file = file;
  }

  text(group: string, key: string): string | undefined {
    const value = this.#take(group, key);
    return value === undefined ? undefined : readEscapes(value);
  }

  list(group: string, key: string): string[] {
    return parseList(this.#take(group, key) ?? '');
  }

  flag(group: string, key: string): boolean {
    const value = this.#take(group, key) ?? 'false';
    if (!['true', 'false', '1', '0'].includes(value)) {
      throw new AotError('data', `cannot use '${this.#file}': '${key}' is '${value}', not 'true' or 'false'`);
    }
    return value === 'true' || value === '1';
  }

  rest(): KeyFile {
    return Object.fromEntries(Object.entries(this.#groups).filter(([, keys]) => Object.keys(keys).length > 0));
  }

  #take(group: string, key: string): string | undefined {
    const keys = this.#groups[group];
    const value = keys?.[key];
    delete keys?.[key];
    return value;
  }
}

/**
 * Writes an origin. A refspec whose tree is assembled on the host is called `baserefspec`: libostree's own upgrade then
 * refuses, instead of dropping the layers.
 */
export function formatOrigin(origin: Origin): string {
  const { packages, overrides, rest } = origin;
  const ours: KeyFile = {
    origin: {
      ...text(isLayered(origin) ? 'baserefspec' : 'refspec', origin.refspec),
      ...text('container-image-reference', origin.containerImageReference),
      ...text('override-commit', origin.overrideCommit),
      ...text('custom-url', origin.customUrl),
      ...text('custom-description', origin.customDescription),
      ...text('unconfigured-state', origin.unconfiguredState),
    },
    packages: {
      ...list('requested', packages.requested),
      ...list('requested-local', packages.requestedLocal),
      ...list('requested-local-fileoverride', packages.requestedLocalFileoverride),
    },
    overrides: {
      ...list('remove', overrides.remove),
      ...list('replace-local', overrides.replaceLocal),
      ...list('replace', overrides.replace),
    },
    rpmostree: {
      ...(origin.regenerateInitramfs ? { 'regenerate-initramfs': 'true' } : {}),
      ...list('initramfs-etc', origin.initramfsEtc),
      ...list('initramfs-args', origin.initramfsArgs),
    },
  };
  for (const [name, keys] of Object.entries(rest)) ours[name] = { ...ours[name], ...keys };
  return formatKeyFile(ours);
}

const text = (key: string, value: string | undefined) => (value === undefined ? {} : { [key]: writeEscapes(value) });
const list = (key: string, value: readonly string[]) => (value.length === 0 ? {} : { [key]: formatList(value) });

/** True when the deployed commit is not the base: something is assembled on the host. */
export const isLayered = (origin: Origin): boolean =>
  changesPackages(origin) ||
  origin.regenerateInitramfs ||
  origin.initramfsEtc.length > 0 ||
  origin.initramfsArgs.length > 0;

/** True when packages are layered on the base, or some of it are overridden. */
export const changesPackages = ({ packages, overrides }: Origin): boolean =>
  [...Object.values(packages), ...Object.values(overrides)].some((list) => list.length > 0);

/** What a further deployment takes over: not the pin of this one, nor that it is unlocked. */
export function withoutTransient(origin: Origin): Origin {
  const { [TRANSIENT]: _, ...rest } = origin.rest;
  const { unlocked: __, ...keys } = rest.origin ?? {};
  return { ...origin, rest: rest.origin === undefined ? rest : { ...rest, origin: keys } };
}

export const isPinned = (origin: Origin): boolean => ['true', '1'].includes(origin.rest[TRANSIENT]?.pinned ?? '');
