import { AotError } from '@apt-ostree/errors';
import type { Values } from './check-document.ts';
import { sourceName } from './source-name.ts';
import { suggest } from './suggest.ts';

/** Names of sources must be unique, and what is said about a source must be said of one that is there. */
export function checkRepos(values: Values, file: string): void {
  const own = (key: string) => ((values[key] as string[] | undefined) ?? []).map(sourceName);
  const names = [...own('repos'), ...own('lockfile-repos')];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw wrong(`two sources are called '${twice}' in '${file}'`, 'rename one of the files');
  for (const name of (values['trusted-repos'] as string[] | undefined) ?? [])
    checkName(name, names, 'trusted-repos', file);
  if (values['repos'] === undefined) return;
  for (const { repo } of (values['repo-packages'] as { repo: string }[] | undefined) ?? [])
    checkName(repo, names, 'repo-packages', file);
}

function checkName(name: string, names: readonly string[], key: string, file: string): void {
  if (names.includes(name)) return;
  const near = suggest(name, names);
  throw wrong(
    `no source '${name}', which '${key}' names in '${file}'`,
    near ? `did you mean '${near}'?` : "list it under 'repos'",
  );
}

const wrong = (message: string, hint: string) => new AotError('config', message, { hint, code: 'bad-treefile' });
