import { AotError } from '@apt-ostree/errors';
import { parseKeyFile } from './key-file.ts';

/** Where ostree-prepare-root(1) looks for its configuration, in this order; the first counts alone. */
export const PREPARE_ROOT_CONF = ['etc/ostree/prepare-root.conf', 'usr/lib/ostree/prepare-root.conf'] as const;

/** The program that mounts a deployment, and reads the configuration. */
export const PREPARE_ROOT = 'usr/lib/ostree/ostree-prepare-root';

const MODES = ['no', 'maybe', 'yes', 'signed', 'verity'] as const;
export type ComposefsMode = (typeof MODES)[number];

export interface PrepareRoot {
  composefs: ComposefsMode;
  /** The root forgets its changes at the next boot. */
  transient: boolean;
}

/**
 * Reads prepare-root.conf.
 * @param file for the error
 * @throws AotError `data` for what ostree-prepare-root would not take either
 */
export function parsePrepareRoot(text: string, file: string): PrepareRoot {
  const groups = parseKeyFile(text, file);
  const enabled = groups['composefs']?.['enabled'] ?? 'no';
  const composefs = MODES.find((mode) => mode === enabled) ?? asMode(enabled);
  const transient = boolean(groups['root']?.['transient'] ?? 'no');
  if (composefs === undefined) throw wrong(file, 'composefs.enabled', enabled);
  if (transient === undefined) throw wrong(file, 'root.transient', String(groups['root']?.['transient']));
  return { composefs, transient };
}

/** libostree's words for true and false. */
const boolean = (text: string): boolean | undefined =>
  ['yes', 'true', '1'].includes(text) ? true : ['no', 'false', '0', 'none'].includes(text) ? false : undefined;

function asMode(text: string): ComposefsMode | undefined {
  const value = boolean(text);
  return value === undefined ? undefined : value ? 'yes' : 'no';
}

/**
 * Whether ostree-prepare-root was built with composefs: then it is linked with the library. Debian 13's and Ubuntu
 * 24.04's are not, and end the boot when the configuration asks for it; `maybe` goes with both.
 */
export const knowsComposefs = (program: Uint8Array): boolean => Buffer.from(program).includes('libcomposefs.so');

/** Whether a boot ends in the initramfs because composefs is asked for and not known. */
export const refusesComposefs = (mode: ComposefsMode, program: Uint8Array): boolean =>
  mode !== 'no' && mode !== 'maybe' && !knowsComposefs(program);

const wrong = (file: string, key: string, value: string) =>
  new AotError('data', `cannot read '${file}': '${key}' cannot be '${value}'`, { code: 'bad-prepare-root' });
