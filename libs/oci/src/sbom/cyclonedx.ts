import { packageUrl } from './package-url.ts';
import { created, type SbomPackage, type SbomSubject, sortedPackages, uuidOf } from './subject.ts';

/** The bill of materials as CycloneDX 1.6 in JSON. The same subject and packages give the same bytes. */
export function cyclonedx(subject: SbomSubject, packages: readonly SbomPackage[]): Buffer {
  const components = sortedPackages(packages).map((p) => component(p, subject));
  const system = `commit:${subject.digest}`;
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(subject, 'cyclonedx')}`,
    version: 1,
    metadata: {
      timestamp: created(subject),
      tools: { components: [{ type: 'application', ...subject.tool }] },
      component: {
        type: 'operating-system',
        'bom-ref': system,
        name: subject.name,
        ...(subject.version === undefined ? {} : { version: subject.version }),
      },
    },
    components,
    dependencies: [{ ref: system, dependsOn: components.map((c) => c['bom-ref']) }],
  };
  return Buffer.from(`${JSON.stringify(document, null, 1)}\n`);
}

function component(p: SbomPackage, subject: SbomSubject) {
  const purl = packageUrl(p, subject);
  return {
    type: 'library',
    'bom-ref': purl,
    name: p.name,
    version: p.version,
    purl,
    properties: [
      { name: 'aptostree:architecture', value: p.architecture },
      { name: 'aptostree:source', value: p.sourcePackage },
      { name: 'aptostree:source-version', value: p.sourceVersion },
    ],
  };
}
