import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The paths inside a private root. */
export const rootPaths = (path: string) => ({
  config: join(path, 'apt.conf'),
  sources: join(path, 'sources.list.d'),
  lists: join(path, 'lists'),
  status: join(path, 'status'),
  cache: join(path, 'cache'),
  lock: join(path, 'aot.lock'),
  /** apt's verifiers leave files there. */
  tmp: join(path, 'tmp'),
  /** Made by the first update that succeeded. */
  complete: join(path, 'complete'),
});

/**
 * apt.conf of a private root: nothing of the machine's apt is read but its keys, credentials and `acquire`. Hooks, pins,
 * sources and caches of the machine stay out. See apt.conf(5).
 * @param system root of the system whose keys and credentials count
 */
export function rootConfig(
  path: string,
  architectures: readonly string[],
  acquire: readonly string[],
  system = '/',
): string {
  const p = rootPaths(path);
  const trusted = join(system, 'etc/apt/trusted.gpg');
  return [
    ...acquire,
    set('Dir::Etc', path),
    set('Dir::Etc::parts', '/dev/null'),
    set('Dir::Etc::main', '/dev/null'),
    set('Dir::Etc::sourcelist', '/dev/null'),
    set('Dir::Etc::sourceparts', p.sources),
    set('Dir::Etc::preferences', '/dev/null'),
    set('Dir::Etc::preferencesparts', '/dev/null'),
    set('Dir::Etc::netrc', join(system, 'etc/apt/auth.conf')),
    set('Dir::Etc::netrcparts', join(system, 'etc/apt/auth.conf.d')),
    // Gone from apt 3, which warns of the mere option.
    ...(existsSync(trusted) ? [set('Dir::Etc::trusted', trusted)] : []),
    set('Dir::Etc::trustedparts', join(system, 'etc/apt/trusted.gpg.d')),
    set('Dir::State', path),
    set('Dir::State::lists', p.lists),
    set('Dir::State::status', p.status),
    set('Dir::Cache', p.cache),
    set('Dir::Cache::archives', join(p.cache, 'archives')),
    set('Dir::Cache::pkgcache', join(p.cache, 'pkgcache.bin')),
    set('Dir::Cache::srcpkgcache', ''), // the same again for another status file, which seldom comes
    set('Dir::Log', path),
    set('APT::Architecture', architectures[0] ?? ''),
    `APT::Architectures { ${architectures.map((a) => `"${a}";`).join(' ')} };`,
    ...FIXED,
    '',
  ].join('\n');
}

const set = (name: string, value: string): string => `${name} "${value}";`;

/** What must not depend on the machine. */
const FIXED = [
  set('APT::Sandbox::User', 'root'),
  set('APT::Update::Error-Mode', 'any'),
  set('APT::Get::Always-Include-Phased-Updates', 'true'),
  set('APT::Install-Suggests', 'false'),
  set('APT::Get::Show-Versions', 'false'),
  set('APT::Color', 'false'),
  set('Acquire::Languages', 'none'),
  set('Acquire::GzipIndexes', 'false'),
  set('Acquire::PDiffs', 'false'),
  set('Acquire::AllowInsecureRepositories', 'false'),
  set('Acquire::AllowWeakRepositories', 'false'),
  set('Acquire::AllowDowngradeToInsecureRepositories', 'false'),
  set('Acquire::IndexTargets::deb::Translations::DefaultEnabled', 'false'),
  set('Acquire::IndexTargets::deb-src::Sources::DefaultEnabled', 'false'),
];
