import { KINDS, type Kind } from '@apt-ostree/manifest';
import { type JsonSchema, jsonSchema } from '@apt-ostree/manifest/json-schema';
import { bold, header, item, reference, section, text } from './roff.ts';

/** Which tool writes a kind, and what it is, for people. */
const ABOUT: Record<Kind, { writer: string; what: string }> = {
  'aot.packages/v1': { writer: 'aot-resolve', what: 'the exact packages of a tree: the lockfile' },
  'aot.archives/v1': { writer: 'aot-fetch', what: 'the packages of a tree, downloaded and verified' },
  'aot.rootfs/v1': { writer: 'aot-unpack', what: 'a tree on disk, unpacked or configured' },
  'aot.commit/v1': { writer: 'aot-commit', what: 'a commit in an OSTree repository' },
  'aot.deployment/v1': { writer: 'aot-deploy', what: 'a commit deployed in a sysroot' },
  'aot.image/v1': { writer: 'aot-ociexport', what: 'an OCI image made from a commit' },
};

/** The name of a kind's page: `aot.packages`. */
export const manifestPageName = (kind: Kind): string => kind.replace(/\/v\d+$/, '');

/** The manual page (section 5) of a kind of manifest, from its schema. */
export function manifestPage(kind: Kind, version: string): string {
  const { writer, what } = ABOUT[kind];
  return [
    header(manifestPageName(kind), 5, version),
    section('NAME', `${text(manifestPageName(kind))} \\- ${text(what)}\n`),
    section(
      'DESCRIPTION',
      `${bold(kind)} is one JSON document, as ${reference(`${writer}(1)`)} writes it; its first member is ${bold('kind')}.\n${text(
        'A reader hands on members that it does not know. Paths are relative and never climb; lists have a stable order.',
      )}\n`,
    ),
    section('MEMBERS', members(jsonSchema(kind))),
    section('FILES', item(text(`${fileName(kind)}`), text('The JSON Schema of this kind.'))),
    section(
      'SEE ALSO',
      `${[`${writer}(1)`, ...KINDS.filter((k) => k !== kind).map((k) => `${manifestPageName(k)}(5)`)].map(reference).join(',\n')}\n`,
    ),
  ].join('');
}

const fileName = (kind: Kind): string => `${kind.replace('/', '-')}.json`;

function members(schema: JsonSchema): string {
  return Object.entries(schema.properties ?? {})
    .map(([name, s]) => {
      const optional = schema.required?.includes(name) ? '' : ', may be missing';
      const nested = inner(s);
      return (
        item(`${bold(name)} (${text(typeName(s) + optional)})`, text(about(s))) +
        (nested ? `.RS\n${members(nested)}.RE\n` : '')
      );
    })
    .join('');
}

const about = (schema: JsonSchema): string => (schema.description ? `${schema.description}.` : fallback(schema));

const fallback = (schema: JsonSchema): string =>
  schema.const !== undefined ? `Always ${JSON.stringify(schema.const)}.` : '';

/** The object whose members are worth listing: of the value itself, or of its items. */
const inner = (schema: JsonSchema): JsonSchema | undefined =>
  schema.properties ? schema : schema.items?.properties ? schema.items : undefined;

function typeName(schema: JsonSchema): string {
  if (schema.const !== undefined) return 'constant';
  if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(' or ');
  if (schema.anyOf) return schema.anyOf.map(typeName).join(' or ');
  if (schema.type === 'array') return `list of ${typeName(schema.items ?? {})}`;
  return schema.type ?? 'any value';
}

/** What stands beside the pages for programs: the schema as JSON. */
export const schemaText = (kind: Kind): string => `${JSON.stringify(jsonSchema(kind), null, 2)}\n`;
