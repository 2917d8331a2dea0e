import { chmodSync, chownSync, constants, copyFileSync, statSync, utimesSync } from 'node:fs';

/** Copies an object of the cache with owner, mode and time, where a hard link is impossible. */
export function copyObject(object: string, where: string): void {
  copyFileSync(object, where, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const { uid, gid, mode } = statSync(object);
  chownSync(where, uid, gid);
  chmodSync(where, mode & 0o7777);
  utimesSync(where, 0, 0);
}
