import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '@apt-ostree/run';
import { type ArchiveOptions, buildArchive, type ToolResult, temporary, tinySystem, tool } from '@apt-ostree/testkit';
import { afterAll, expect } from 'vitest';

/** What a compose said that failed. */
export interface Refusal {
  /** Which stage failed, and how it ended. */
  stage: string;
  exit: number;
  message: string;
  hint: string | null;
  stderr: string;
}

const REF = 'test/tree';

/** A treefile as keys, or as the text that it is to have. */
export type Keys = Record<string, unknown> | string;

/**
 * A place where small trees are composed, whose repository has a good commit that must survive whatever comes: an archive
 * `base` with the tiny system, archives of the tests' own beside it, and one cache for all.
 */
export class ComposeLab {
  readonly directory = temporary(afterAll);
  readonly cachedir = join(this.directory, 'cache');
  readonly repo = join(this.directory, 'repo');
  readonly #environment = { TMPDIR: join(this.directory, 'tmp'), http_proxy: undefined, https_proxy: undefined };
  #count = 0;

  static async open(): Promise<ComposeLab> {
    const lab = new ComposeLab();
    mkdirSync(join(lab.directory, 'tmp'));
    await run('ostree', ['init', '--mode=bare-user', `--repo=${lab.repo}`]);
    await run('ostree', ['config', 'set', 'core.fsync', 'false', `--repo=${lab.repo}`]); // nobody pulls the plug
    await lab.archive('base', { packages: [...(await tinySystem()), { name: 'fine' }] });
    const { code, stderr } = await lab.compose(lab.treefile({ packages: ['fine'] }));
    if (code !== 0) throw new Error(`the good tree cannot be composed: ${stderr}`);
    return lab;
  }

  /** Builds an archive; treefiles made from now on find NAME.sources beside them. */
  async archive(name: string, options: ArchiveOptions, fields = '', uri?: string): Promise<string> {
    const directory = join(this.directory, 'archives', `${name}-${this.#count++}`);
    const archive = await buildArchive({ directory, ...options });
    writeFileSync(join(this.directory, `${name}.sources`), archive.sources(uri) + fields);
    return directory;
  }

  /** Edits a file that treefiles made from now on find beside them. */
  edit(name: string, change: (text: string) => string): void {
    const file = join(this.directory, name);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  }

  forgetDownloads(): void {
    rmSync(join(this.cachedir, 'archives'), { recursive: true });
  }

  /** Writes a treefile in a directory of its own, with files beside it. */
  treefile(keys: Keys, files: Record<string, string> = {}): string {
    const directory = join(this.directory, `treefile-${this.#count++}`);
    const all = { ...this.#sources(), 'tree.yaml': typeof keys === 'string' ? keys : asText(keys), ...files };
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    return join(directory, 'tree.yaml');
  }

  #sources(): Record<string, string> {
    const names = readdirSync(this.directory).filter((name) => name.endsWith('.sources'));
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(this.directory, name), 'utf8')]));
  }

  /** Runs a tool with the cache of the others. */
  tool(name: string, args: readonly string[], stdin = ''): Promise<ToolResult> {
    return tool(name, [...args, '--cachedir', this.cachedir, '--quiet'], { stdin, env: this.#environment });
  }

  compose(treefile: string, ...args: string[]): Promise<ToolResult> {
    return this.tool('apt-ostree', ['compose', 'tree', '--repo', this.repo, ...args, treefile]);
  }

  /**
   * Composes what cannot be composed, and holds the failure against what every failure owes: nothing on standard output,
   * exit code 1, the ref where it was, and nothing left behind.
   */
  async refuse(treefile: string, ...args: string[]): Promise<Refusal> {
    const before = await this.revision();
    const result = await this.compose(treefile, '--json-errors', ...args);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(await this.revision()).toBe(before);
    expect(this.leftOvers()).toEqual([]);
    const line = result.stderr.split('\n').find((l) => l.startsWith('{"error":')) as string;
    return { ...(JSON.parse(line) as { error: Omit<Refusal, 'stderr'> }).error, stderr: result.stderr };
  }

  /** The commit that the ref names. */
  async revision(): Promise<string> {
    return (await run('ostree', ['rev-parse', `--repo=${this.repo}`, REF])).stdout.trim();
  }

  /** Temporary files, mounts and processes that are left. A broken download is none: it is taken up again. */
  leftOvers(): string[] {
    const temporaries = [join(this.directory, 'tmp'), join(this.cachedir, 'tmp')].flatMap((directory) =>
      readdirSync(directory)
        .filter((name) => !name.endsWith('.part'))
        .map((name) => join(directory, name)),
    );
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return [...temporaries, ...[...mounts, ...commandLines()].filter((text) => text.includes(this.directory))];
  }
}

const asText = (keys: Record<string, unknown>): string =>
  JSON.stringify({ ref: REF, recommends: false, repos: ['base'], container: true, ...keys });

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // it has ended
      }
    });
}
