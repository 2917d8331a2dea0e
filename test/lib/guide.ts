import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { CACHE, SCRATCH, TOP } from './checkout.ts';
import { scratch } from './scratch.ts';

/** The shell blocks of a guide, in order: fenced as sh, or as what runs on another machine. */
export function shellBlocks(
  file: string,
  fence: 'sh' | 'sh host' | 'sh disk' | 'sh registry' | 'dockerfile' = 'sh',
): string[] {
  const text = readFileSync(join(TOP, file), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${fence}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((m) => m[1] as string);
}

/** A directory in which a guide's commands find what they name, and what they write stays together. */
export function guideDirectory(name: string): string {
  const directory = scratch(join('guides', name));
  for (const entry of ['docs', 'node_modules', 'man']) symlinkSync(join(TOP, entry), join(directory, entry));
  return directory;
}

/** Runs the blocks as one session of a reader who stops at the first error. */
export const session = (blocks: string[], cwd: string, env: Record<string, string> = {}) =>
  run('bash', words(blocks), { cwd, ok: 'any', env: { XDG_CACHE_HOME: join(SCRATCH, 'guides/cache'), ...env } });

/** The same with the cache of the other tests in the place of the reader's: what they have made is not made again. */
export async function sessionWithCache(blocks: string[], cwd: string, env: Record<string, string> = {}) {
  const caches = join(SCRATCH, 'guides/caches');
  mkdirSync(caches, { recursive: true });
  symlinkSync(CACHE, join(caches, 'apt-ostree'));
  if (process.getuid?.() !== 0) return session(blocks, cwd, { XDG_CACHE_HOME: caches, ...env });
  const bind = 'mkdir -p "$1" && mount --bind "$2" "$1" && shift 2 && exec bash "$@"';
  const places = ['/var/cache/apt-ostree', CACHE];
  return run('unshare', ['--mount', 'sh', '-c', bind, 'sh', ...places, ...words(blocks)], { cwd, ok: 'any', env });
}

const words = (blocks: string[]): string[] => ['-euo', 'pipefail', '-c', blocks.join('\n')];
