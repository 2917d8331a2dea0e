import { packageUrl } from './package-url.ts';
import { created, type SbomPackage, type SbomSubject, sortedPackages, uuidOf } from './subject.ts';

const SYSTEM = 'SPDXRef-OperatingSystem';

/** What nobody looked at: licences are in the packages' copyright files, which are not in a form that programs read. */
const UNKNOWN = {
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: 'NOASSERTION',
  copyrightText: 'NOASSERTION',
} as const;

/** The bill of materials as SPDX 2.3 in JSON. The same subject and packages give the same bytes. */
export function spdx(subject: SbomSubject, packages: readonly SbomPackage[]): Buffer {
  const sorted = sortedPackages(packages);
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: subject.name,
    documentNamespace: `urn:uuid:${uuidOf(subject, 'spdx')}`,
    creationInfo: { created: created(subject), creators: [`Tool: ${subject.tool.name}-${subject.tool.version}`] },
    packages: [system(subject), ...sorted.map((p) => item(p, subject))],
    relationships: [
      relation('SPDXRef-DOCUMENT', 'DESCRIBES', SYSTEM),
      ...sorted.map((p) => relation(SYSTEM, 'CONTAINS', idOf(p))),
    ],
  };
  return Buffer.from(`${JSON.stringify(document, null, 1)}\n`);
}

/** Without primaryPackagePurpose: the schemas of 2.3 and of 2.3.1 each refuse how the other spells an operating system. */
const system = (subject: SbomSubject) => ({
  SPDXID: SYSTEM,
  name: subject.name,
  ...(subject.version === undefined ? {} : { versionInfo: subject.version }),
  ...UNKNOWN,
  comment: `OSTree commit ${subject.digest}`,
});

const item = (p: SbomPackage, subject: SbomSubject) => ({
  SPDXID: idOf(p),
  name: p.name,
  versionInfo: p.version,
  ...UNKNOWN,
  sourceInfo: `built from source package ${p.sourcePackage} ${p.sourceVersion}`,
  externalRefs: [
    {
      referenceCategory: 'PACKAGE-MANAGER',
      referenceType: 'purl',
      referenceLocator: packageUrl(p, subject),
    },
  ],
});

/** An ID has letters, digits, dots and hyphens; packages' names have no capitals, so those can stand for the rest. */
const idOf = (p: SbomPackage): string => `SPDXRef-Package-${p.name.replaceAll('+', 'P')}-ARCH-${p.architecture}`;

const relation = (from: string, relationshipType: string, to: string) => ({
  spdxElementId: from,
  relationshipType,
  relatedSpdxElement: to,
});
