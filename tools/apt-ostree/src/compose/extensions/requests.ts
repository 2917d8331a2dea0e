import { AotError } from '@apt-ostree/errors';
import { type Extension, formatPackageRequest, parsePackageRequest } from '@apt-ostree/treefile';
import type { Base } from './base.ts';

/** What is asked of apt for extensions of a kind. */
export function requestsOf(
  extensions: Readonly<Record<string, Extension>>,
  kind: Extension['kind'],
  base: Base,
): string[] {
  const requests = Object.entries(extensions)
    .filter(([, extension]) => extension.kind === kind)
    .flatMap(([name, extension]) => extension.packages.map((text) => request(name, text, extension, base)));
  return [...new Set(requests)];
}

function request(name: string, text: string, { matchBaseEvr }: Extension, base: Base): string {
  if (matchBaseEvr === undefined) return text;
  const version = base.version(matchBaseEvr);
  if (version === undefined)
    throw new AotError('failed', `cannot match '${name}' with '${matchBaseEvr}': the base has no such package`, {
      code: 'not-in-base',
    });
  const parsed = parsePackageRequest(text);
  if (parsed === undefined || parsed.version !== undefined || parsed.suite !== undefined)
    throw new AotError('config', `cannot match '${text}' of '${name}': it asks for a version of its own`);
  return formatPackageRequest({ ...parsed, relation: '=', version });
}
