/**
 * The members of SPDX 2.3 documents that are written here, as the specification has them: which are required, their forms
 * and their words. A member that is not listed is an error, as it is in the schema that the SPDX project publishes. That is
 * in no kept package of npm or of Debian 13 (November 2026). What is here was compared with its edition of 2.3.1: no member
 * that it has not, all required that it requires, no word that is not in its enumerations. The project's own validator, which
 * lets members pass that it does not know, judges the list of a real tree in test/e2e/image-judges.test.ts.
 */
const ID = { type: 'string', pattern: '^SPDXRef-[A-Za-z0-9.-]+$' };
const TEXT = { type: 'string', minLength: 1 };

const object = (properties: Record<string, unknown>, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

const REFERENCE = object({
  referenceCategory: { enum: ['OTHER', 'PERSISTENT-ID', 'SECURITY', 'PACKAGE-MANAGER'] },
  referenceType: { const: 'purl' },
  referenceLocator: { type: 'string', pattern: '^pkg:[^ ]+$' },
});

const PACKAGE = object(
  {
    SPDXID: ID,
    name: TEXT,
    versionInfo: TEXT,
    downloadLocation: TEXT,
    filesAnalyzed: { const: false },
    licenseConcluded: TEXT,
    licenseDeclared: TEXT,
    copyrightText: TEXT,
    sourceInfo: TEXT,
    comment: TEXT,
    externalRefs: { type: 'array', items: REFERENCE },
  },
  ['versionInfo', 'sourceInfo', 'comment', 'externalRefs'],
);

export const SPDX = object({
  spdxVersion: { const: 'SPDX-2.3' },
  dataLicense: { const: 'CC0-1.0' },
  SPDXID: { const: 'SPDXRef-DOCUMENT' },
  name: TEXT,
  documentNamespace: { type: 'string', pattern: '^[a-z]+:[^#]+$' },
  creationInfo: object({
    created: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$' },
    creators: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^(Tool|Person|Organization): .+$' } },
  }),
  packages: { type: 'array', items: PACKAGE },
  relationships: {
    type: 'array',
    items: object({ spdxElementId: ID, relationshipType: { enum: ['DESCRIBES', 'CONTAINS'] }, relatedSpdxElement: ID }),
  },
});
