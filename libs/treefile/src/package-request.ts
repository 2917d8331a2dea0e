/** One entry of `packages`, taken apart. */
export interface PackageRequest {
  name: string;
  /** From `name:architecture`. */
  architecture?: string;
  /** From `name/suite`. */
  suite?: string;
  /** From `name=1.0` or `name>=1.0`: dpkg's operators. */
  relation?: '=' | '>=' | '<=' | '>>' | '<<';
  version?: string;
}

/**
 * Name as in Debian policy 5.6.1 and 5.6.7, then architecture, then suite or version (policy 5.6.12). The one letter
 * operators are rpm-ostree's; in Debian `<` once meant `<=`, so that they are written out.
 */
const REQUEST =
  /^(?<name>[a-z0-9][a-z0-9+.-]+)(?::(?<architecture>[a-z0-9-]+))?(?:\/(?<suite>[A-Za-z0-9][A-Za-z0-9+._-]*(?:\/[A-Za-z0-9+._-]+)*)|\s*(?<open>\()?\s*(?<relation>=|==|>=|<=|>>|<<|>|<)\s*(?<version>[0-9A-Za-z][0-9A-Za-z.+~:-]*)\s*(?<close>\))?)?$/;

const WRITTEN_OUT: Readonly<Record<string, PackageRequest['relation']>> = { '>': '>>', '<': '<<', '==': '=' };

/** Takes an entry of `packages` apart, as it stands in a treefile or flattened; undefined when it is none. */
export function parsePackageRequest(entry: string): PackageRequest | undefined {
  const found = REQUEST.exec(entry.trim())?.groups;
  if (!found || (found['open'] === undefined) !== (found['close'] === undefined)) return undefined;
  const { name, architecture, suite, relation, version } = found;
  return {
    name: name!,
    ...(architecture && { architecture }),
    ...(suite && { suite }),
    ...(relation && {
      relation: WRITTEN_OUT[relation] ?? (relation as NonNullable<PackageRequest['relation']>),
      version: version!,
    }),
  };
}

/** The one spelling of a request: no white space, dpkg's operators. */
export const formatPackageRequest = (r: PackageRequest): string =>
  r.name +
  (r.architecture ? `:${r.architecture}` : '') +
  (r.suite ? `/${r.suite}` : '') +
  (r.relation ? `${r.relation}${r.version}` : '');
