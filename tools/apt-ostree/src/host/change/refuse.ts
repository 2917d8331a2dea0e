import { AotError } from '@apt-ostree/errors';
import type { Origin } from '@apt-ostree/host';

/** Refuses options that this version knows and cannot do yet, before anything has happened. */
export function refuseLater(args: Readonly<Record<string, unknown>>, ...names: string[]): void {
  for (const name of names) {
    const value = args[name];
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    throw notYet(`'--${name}'`);
  }
}

/** Of every command that changes the base: changes to what is layered. */
export const LAYERING = ['install', 'uninstall'];

/** Refuses two options that contradict each other. */
export function refuseBoth(args: Readonly<Record<string, unknown>>, first: string, ...others: string[]): void {
  const given = (name: string) => {
    const value = args[name];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  };
  const other = given(first) ? others.find(given) : undefined;
  if (other !== undefined) throw new AotError('usage', `cannot specify both '--${first}' and '--${other}'`);
}

/** Of an image there is no history: its versions are other tags and digests. */
export function requireCommits(origin: Origin): void {
  const image = origin.containerImageReference;
  if (image === undefined) return;
  throw new AotError('failed', `cannot deploy a version of the container image '${image}'`, {
    code: 'container-image',
    hint: "'apt-ostree rebase' goes to another tag, or to a digest as in HOST/NAME@sha256:...",
  });
}

export const notYet = (what: string, hint?: string): AotError =>
  new AotError('failed', `not in this version: ${what}`, { code: 'not-in-this-version', hint });
