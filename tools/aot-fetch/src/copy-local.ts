import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PackageItem } from '@apt-ostree/manifest';
import type { DownloadTools } from './download.ts';
import { TransferFailure } from './failure.ts';
import type { Part } from './part/part.ts';
import { statIfThere } from './stat-if-there.ts';

/**
 * Copies a package from an archive on this machine. It is a copy and no hardlink: the archive's owner may write to his
 * file at any time, and a verified file must stay what it was.
 */
export async function copyLocal(url: URL, item: PackageItem, part: Part, tools: DownloadTools): Promise<void> {
  const path = fileURLToPath(url);
  const stat = statIfThere(path);
  if (!stat?.isFile()) throw new TransferFailure('lacking', 'not found', { status: 404 });
  if (stat.size !== item.size) throw new TransferFailure('wrong', `size differs: ${stat.size} bytes, not ${item.size}`);
  try {
    for await (const chunk of createReadStream(path, {
      start: part.bytes,
      highWaterMark: 1 << 18,
      signal: tools.signal,
    })) {
      part.append(chunk as Buffer);
      tools.phase.add((chunk as Buffer).length, item.name);
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === 'open' || syscall === 'read')
      throw new TransferFailure('lacking', `cannot read '${path}': ${code}`);
    throw error;
  }
}
