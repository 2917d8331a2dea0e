import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { ArchivesManifest, PlanStep } from '@apt-ostree/manifest';
import { run, span } from '@apt-ostree/run';
import type { Helpers } from './helpers.ts';

/** Nobody answers questions about conffiles; an image that was not written whole is thrown away, so nothing is synced. */
const ALWAYS = ['--force-confold', '--force-confdef', '--force-unsafe-io', '--log=/dev/null'];

export interface DpkgOptions {
  cachedir: string;
  /** Packages whose configuration goes too, as if they had never been there. */
  purge: ReadonlySet<string>;
  /** Packages may replace files of others. */
  overwrite: boolean;
}

/**
 * Does in this root what apt decided, by the calls of dpkg that apt would make, with the scripts of the packages.
 * @throws AotError `failed` with the end of what dpkg said
 */
export async function applyPlan(
  manifest: ArchivesManifest,
  options: DpkgOptions,
  helpers: Helpers,
  { progress, signal }: Context,
): Promise<void> {
  const files = new Map(manifest.archives.map((a) => [a.package, join(options.cachedir, a.file ?? '')]));
  const phase = progress.phase('scripts', manifest.plan.length + 1);
  const dpkg = (what: string, args: string[]) => span('phase', what, () => runDpkg(what, args, helpers, signal));
  for (const step of manifest.plan) {
    for (const [what, args] of calls(step, files, options)) await dpkg(what, args);
    phase.add(1);
  }
  await dpkg('configure', ['--configure', '--pending']);
  await requireWhole();
  phase.end();
}

async function runDpkg(what: string, args: string[], { env }: Helpers, signal: AbortSignal): Promise<void> {
  const options = { env, clearEnv: true, ok: 'any', signal } as const;
  const { exitCode, stdout, stderr } = await run('dpkg', [...ALWAYS, ...args], options);
  if (exitCode === 0) return;
  const said = [...lastLines(stdout), ...lastLines(stderr)].map((line) => `| ${line}`);
  const isFull = /no space left on device/i.test(stdout + stderr);
  throw new AotError(
    isFull ? 'io' : 'failed',
    [`cannot ${what} the packages: dpkg ended with ${exitCode}`, ...said].join('\n'),
    {
      code: 'dpkg-failed',
      hint: isFull ? 'free some space and run the command again' : undefined,
    },
  );
}

const lastLines = (text: string): string[] => text.trimEnd().split('\n').filter(Boolean).slice(-10);

/** apt has seen to it that in the end every dependency is met. See dpkg(1). */
function calls(
  { action, packages }: PlanStep,
  files: ReadonlyMap<string, string>,
  { purge, overwrite }: DpkgOptions,
): [what: string, args: string[]][] {
  if (packages.length === 0) return [];
  if (action === 'configure') return [['configure', ['--configure', ...packages]]];
  if (action === 'unpack') {
    const force = ['--force-depends', ...(overwrite ? ['--force-overwrite'] : [])];
    const archives = packages.map((id) => files.get(id) ?? id);
    return [['unpack', [...force, '--no-triggers', '--auto-deconfigure', '--unpack', ...archives]]];
  }
  const force = ['--force-depends', '--force-remove-essential', '--force-remove-protected', '--no-triggers'];
  const isPurged = (id: string) => purge.has(id.split(':')[0] ?? '');
  const rows: [string, string[]][] = [
    ['--remove', packages.filter((id) => !isPurged(id))],
    ['--purge', packages.filter(isPurged)],
  ];
  return rows.flatMap(([how, names]) => (names.length === 0 ? [] : [['remove', [...force, how, ...names]]]));
}

async function requireWhole(): Promise<void> {
  const { stdout } = await run('dpkg', ['--audit'], { what: "cannot check dpkg's database" });
  if (stdout.trim() === '' && !existsSync('/var/lib/dpkg/updates/0000')) return;
  throw new AotError('failed', `cannot leave the packages like this:\n${stdout.trim()}`, { code: 'not-configured' });
}
