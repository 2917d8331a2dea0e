import { AotError } from '@apt-ostree/errors';
import type { CommittedPackage } from '@apt-ostree/ostree';
import { type Advisory, advisoryLines, rowsOf } from '../advisory.ts';
import type { Source } from './source.ts';

/** Which advisories packages fix; none where nobody asked. */
export type Advisories = (packages: readonly CommittedPackage[]) => Advisory[];

/**
 * A commit does not say which archive a package is from, so the indices of the host tell it.
 * @throws AotError `usage` for a repository alone, `failed` where the host has no indices
 */
export async function advisoriesIn({ sysroot }: Source, wanted: boolean): Promise<Advisories> {
  if (!wanted) return () => [];
  if (sysroot === undefined)
    throw new AotError('usage', "cannot use '--advisories' with '--repo'", {
      hint: 'which updates are of the security archive is known from the indices of a host',
    });
  const [{ securedBy }, { targetOf }] = await Promise.all([import('../security.ts'), import('../change/target.ts')]);
  const secured = await securedBy(targetOf(sysroot, undefined));
  return (packages) => rowsOf(packages.filter(secured));
}

/** A section with a line for each; nothing for none. */
export const advisorySection = (rows: readonly Advisory[], indent: string): string =>
  rows.length === 0 ? '' : ['SecAdvisories:', ...advisoryLines(rows).map((l) => indent + l), ''].join('\n');
