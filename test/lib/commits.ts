import { run } from '@apt-ostree/run';

/** Looks into the commits of a repository. */
export class Commits {
  readonly #repo: string;

  constructor(repo: string) {
    this.#repo = repo;
  }

  async #ostree(...args: string[]): Promise<string> {
    const [verb, ...rest] = args;
    return (await run('ostree', [verb as string, `--repo=${this.#repo}`, ...rest])).stdout;
  }

  /** The checksum that a ref names; undefined where there is no such ref. */
  async revision(ref: string): Promise<string | undefined> {
    const { exitCode, stdout } = await run('ostree', ['rev-parse', `--repo=${this.#repo}`, ref], { ok: 'any' });
    return exitCode === 0 ? stdout.trim() : undefined;
  }

  /** The content of a file. */
  file(revision: string, path: string): Promise<string> {
    return this.#ostree('cat', revision, path);
  }

  /** Every path with what `ostree ls` says before it: type and mode, as `-00644` or `d00755`; of links also the target. */
  async paths(revision: string, below = '/'): Promise<Record<string, string>> {
    const lines = (await this.#ostree('ls', '--recursive', revision, below)).trim().split('\n');
    return Object.fromEntries(
      lines.map((line) => {
        const [, mode, path = '', target] = /^(\S+) +\d+ +\d+ +\d+ (\/.*?)(?: -> (.*))?$/.exec(line) ?? [];
        return [path, target === undefined ? mode : `→ ${target}`];
      }),
    ) as Record<string, string>;
  }

  /** One member of the metadata, in GVariant's text form; undefined where it has none of that name. */
  async metadata(revision: string, key: string, detached = false): Promise<string | undefined> {
    const option = detached ? 'print-detached-metadata-key' : 'print-metadata-key';
    const args = ['show', `--repo=${this.#repo}`, `--${option}=${key}`, revision];
    const { exitCode, stdout } = await run('ostree', args, { ok: 'any' });
    return exitCode === 0 ? stdout.trim() : undefined;
  }

  /** The parent of a commit. */
  async parent(revision: string): Promise<string | undefined> {
    return /^Parent: +([0-9a-f]{64})$/m.exec(await this.#ostree('show', revision))?.[1];
  }
}
