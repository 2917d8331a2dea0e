import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { importDeb } from '@apt-ostree/dpkg';
import { AotError, EXIT, explain, isAotError } from '@apt-ostree/errors';
import { type PackageItem, packageRef, sha256 } from '@apt-ostree/manifest';
import { type BareRepo, cannotWrite } from '@apt-ostree/ostree';
import { span } from '@apt-ostree/run';
import { commitPackage } from './commit-package.ts';
import { type PackageRecord, writeRecord } from './record.ts';

/** Bytes that are read of a .deb at once. */
const CHUNK = 256 * 1024;

/**
 * Imports a .deb into the package cache: contents, then the commit, then the record, and the ref last, so that an import
 * that is cut short leaves nothing that anybody refers to.
 * @param file the .deb, below the cache directory
 * @throws AotError `data` for a bad package or one with another hash than the index promised
 */
export function importPackage(
  cachedir: string,
  repo: BareRepo,
  item: PackageItem,
  file: string,
): Promise<PackageRecord> {
  const deb = basename(item.path);
  return span('phase', `import ${item.name}`, async () => {
    try {
      const source = createReadStream(join(cachedir, file), { highWaterMark: CHUNK });
      const { sha256, imported } = await importDeb(source, { ...item, deb }, repo);
      if (sha256 !== item.sha256) throw wrongHash(deb, join(cachedir, file));
      const record = { ...imported, commit: commitPackage(repo, imported) };
      writeRecord(cachedir, item.sha256, record);
      repo.setRef(packageRef(item.sha256), record.commit);
      return record;
    } catch (error) {
      throw spoilt(error, item, join(cachedir, file))
        ? wrongHash(deb, join(cachedir, file))
        : importError(error, deb, join(cachedir, file));
    }
  });
}

/** Whether a bad package is not the archive's fault: the file in the cache has changed since it was fetched. */
const spoilt = (error: unknown, item: PackageItem, file: string): boolean =>
  isAotError(error) && error.exit === EXIT.data && existsSync(file) && sha256(readFileSync(file)) !== item.sha256;

const wrongHash = (deb: string, file: string): AotError =>
  new AotError('data', `cannot verify '${deb}': SHA256 differs`, {
    code: 'wrong-hash',
    hint: `remove '${file}' and run the command again`,
  });

/** Whatever failed about the .deb itself is about reading it; everything else about writing the cache. */
function importError(error: unknown, deb: string, file: string): unknown {
  if (isAotError(error)) return error;
  const reading = (error as NodeJS.ErrnoException).path === file;
  return reading ? explain(error, `cannot read '${deb}'`) : cannotWrite(error, `cannot import '${deb}'`);
}
