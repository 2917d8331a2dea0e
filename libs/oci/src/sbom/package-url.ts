import type { SbomPackage, SbomSubject } from './subject.ts';

/**
 * The package URL (purl specification, type `deb`) of a package: `pkg:deb/debian/vim@2%3A9.1-1?arch=amd64&distro=trixie`,
 * with the source package where it is another.
 */
export function packageUrl(p: SbomPackage, { vendor, suite }: SbomSubject): string {
  const same = p.sourcePackage === p.name && p.sourceVersion === p.version;
  const qualifiers = {
    arch: p.architecture,
    distro: suite,
    upstream: same ? undefined : `${p.sourcePackage}@${p.sourceVersion}`,
  };
  const query = Object.entries(qualifiers).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  const [name, version] = [p.name, p.version].map(encodeURIComponent);
  return `pkg:deb/${encodeURIComponent(vendor)}/${name}@${version}?${query.join('&')}`;
}
