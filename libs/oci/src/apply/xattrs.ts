import type { Xattr } from '@apt-ostree/ostree';
import { LIMITS } from './limits.ts';

/** Those that a system needs, and people's own. What a container engine or a security policy made is of that machine. */
const KEPT = /^(?:user\.|trusted\.|security\.(?:capability|ima)$|system\.posix_acl_(?:access|default)$)/;
const OVERLAY = /^(?:user|trusted)\.overlay\./;

/**
 * The extended attributes of a member that a commit keeps.
 * @throws Error for what no file system takes
 */
export function keptXattrs(all: ReadonlyMap<string, Uint8Array> | undefined): Xattr[] {
  if (all === undefined) return [];
  const kept: Xattr[] = [];
  for (const [name, value] of all) {
    check(name, value);
    if (KEPT.test(name) && !OVERLAY.test(name)) kept.push([name, value]);
  }
  if (kept.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > LIMITS.xattrs)
    throw new Error('its extended attributes are too large');
  return kept;
}

function check(name: string, value: Uint8Array): void {
  if (name === '' || name.length > 255 || /[\0-\x20=\\\x7f-\uffff]/.test(name))
    throw new Error(`its extended attribute '${name.slice(0, 60)}' has an impossible name`);
  if (value.length > LIMITS.xattr) throw new Error(`its extended attribute '${name}' is too large`);
}
