import { existsSync, lstatSync } from 'node:fs';

/** What container engines leave for those inside: podman and buildah, docker. */
const MARKS = ['/run/.containerenv', '/.dockerenv'];

/** Where trees of ours have dpkg's database; no other system has it there. */
const DATABASE = '/usr/lib/sysimage/dpkg/status';

/**
 * Whether this is a container, as in a build, of an image that can be deployed: its root is changed in place, since there is
 * no sysroot. Images of ours say `container=oci` in their environment.
 */
export function inContainer(environment: NodeJS.ProcessEnv = process.env): boolean {
  if (existsSync('/run/ostree-booted')) return false;
  const isContainer = Boolean(environment['container']) || MARKS.some((mark) => existsSync(mark));
  return isContainer && lstatSync(DATABASE, { throwIfNoEntry: false })?.isFile() === true;
}
