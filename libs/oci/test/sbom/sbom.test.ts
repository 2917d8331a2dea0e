import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { cyclonedx, packageUrl, type SbomPackage, type SbomSubject, spdx } from '../../src/index.ts';
import { SPDX } from './spdx-schema.ts';

const SUBJECT: SbomSubject = {
  name: 'debian/13/amd64/server',
  version: '13.1',
  digest: '5d'.repeat(32),
  timestamp: 1_763_000_000,
  vendor: 'debian',
  suite: 'trixie',
  tool: { name: 'apt-ostree', version: '0.1.0' },
};
const deb = (name: string, version: string, more: Partial<SbomPackage> = {}): SbomPackage => ({
  ...{ name, version, architecture: 'amd64', sourcePackage: name, sourceVersion: version },
  ...more,
});
const PACKAGES = [
  deb('vim', '2:9.1.1230-2+b1', { sourceVersion: '2:9.1.1230-2' }),
  deb('libstdc++6', '14.2.0-19', { sourcePackage: 'gcc-14' }),
  deb('libc6', '2.41-12', { sourcePackage: 'glibc' }),
  deb('libc6', '2.41-12', { sourcePackage: 'glibc', architecture: 'i386' }),
  deb('nano', '8.4-1~bpo12+1'),
];
const BARE: SbomSubject = { ...SUBJECT, version: undefined, suite: undefined };

const invalidSpdx = (document: unknown) => {
  const validate = new Ajv({ allErrors: true }).compile(SPDX);
  return validate(document) ? [] : validate.errors;
};
const invalidCyclonedx = (text: string) => new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
const parsed = (document: Buffer) => JSON.parse(document.toString());

test('an SPDX document is valid, and a spoilt one is not', () => {
  expect(invalidSpdx(parsed(spdx(SUBJECT, PACKAGES)))).toEqual([]);
  expect(invalidSpdx(parsed(spdx(BARE, [])))).toEqual([]);
  const spoilt = parsed(spdx(SUBJECT, PACKAGES));
  spoilt.packages[0].primaryPackagePurpose = 'OPERATING_SYSTEM';
  delete spoilt.packages[1].downloadLocation;
  expect(invalidSpdx(spoilt)).toHaveLength(2);
});

test('a CycloneDX document is valid by the published schema, and a spoilt one is not', async () => {
  expect(await invalidCyclonedx(cyclonedx(SUBJECT, PACKAGES).toString())).toBeNull();
  expect(await invalidCyclonedx(cyclonedx(BARE, []).toString())).toBeNull();
  const spoilt = parsed(cyclonedx(SUBJECT, PACKAGES));
  spoilt.components[0].type = 'package';
  expect(await invalidCyclonedx(JSON.stringify(spoilt))).not.toBeNull();
});

test('every package is there once, described and contained', () => {
  const { packages, relationships } = parsed(spdx(SUBJECT, PACKAGES));
  const ids = packages.map((p: { SPDXID: string }) => p.SPDXID);
  expect(new Set(ids).size).toBe(PACKAGES.length + 1);
  expect(relationships.map((r: { relatedSpdxElement: string }) => r.relatedSpdxElement)).toEqual(ids);
  const { components, dependencies } = parsed(cyclonedx(SUBJECT, PACKAGES));
  expect(new Set(components.map((c: { 'bom-ref': string }) => c['bom-ref'])).size).toBe(PACKAGES.length);
  expect(dependencies[0].dependsOn).toHaveLength(PACKAGES.length);
});

test('package URLs escape what the specification says, and name the source where it is another', () => {
  expect(PACKAGES.map((p) => packageUrl(p, SUBJECT))).toEqual([
    'pkg:deb/debian/vim@2%3A9.1.1230-2%2Bb1?arch=amd64&distro=trixie&upstream=vim%402%3A9.1.1230-2',
    'pkg:deb/debian/libstdc%2B%2B6@14.2.0-19?arch=amd64&distro=trixie&upstream=gcc-14%4014.2.0-19',
    'pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=trixie&upstream=glibc%402.41-12',
    'pkg:deb/debian/libc6@2.41-12?arch=i386&distro=trixie&upstream=glibc%402.41-12',
    'pkg:deb/debian/nano@8.4-1~bpo12%2B1?arch=amd64&distro=trixie',
  ]);
  expect(packageUrl(deb('nano', '1'), BARE)).toBe('pkg:deb/debian/nano@1?arch=amd64');
});

test('bytes depend on the tree and its packages, not on their order', () => {
  for (const write of [spdx, cyclonedx]) {
    const document = write(SUBJECT, PACKAGES);
    expect(write(SUBJECT, [...PACKAGES].reverse()).equals(document)).toBe(true);
    expect(write({ ...SUBJECT, digest: '6e'.repeat(32) }, PACKAGES).equals(document)).toBe(false);
  }
  expect(parsed(spdx(SUBJECT, [])).creationInfo.created).toBe('2025-11-13T02:13:20Z');
  expect(parsed(cyclonedx(SUBJECT, [])).serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab]/);
});
