import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PackagesManifest } from '@apt-ostree/manifest';
import { type Archive, type ArchiveOptions, buildArchive, temporary, tool } from '@apt-ostree/testkit';
import { onTestFinished } from 'vitest';

/** A directory with archives, treefiles and a cache of its own. */
export class Workshop {
  readonly directory = temporary(onTestFinished);
  readonly cachedir = join(this.directory, 'cache');

  write(name: string, text: string): string {
    const file = join(this.directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Builds an archive and writes NAME.sources for it; `fields` are added to that. */
  async archive(name: string, options: ArchiveOptions, fields = '', uri?: string): Promise<Archive> {
    const directory = join(this.directory, `archive-${name}`);
    const archive = await buildArchive({ directory, ...options });
    this.write(`${name}.sources`, archive.sources(uri) + fields);
    return archive;
  }

  /** Runs aot-resolve on a treefile of these keys. */
  run(treefile: Record<string, unknown>, ...args: string[]) {
    const file = this.write('tree.json', JSON.stringify({ ref: 'test', recommends: false, ...treefile }));
    return tool('aot-resolve', [file, '--cachedir', this.cachedir, '--quiet', ...args]);
  }

  /** As `run`, for a result. */
  async resolve(treefile: Record<string, unknown>, ...args: string[]): Promise<PackagesManifest> {
    const { code, stdout, stderr } = await this.run(treefile, ...args);
    if (code !== 0) throw new Error(`aot-resolve ended with ${code}: ${stderr}`);
    return JSON.parse(stdout) as PackagesManifest;
  }
}

export const names = (manifest: PackagesManifest): string[] => manifest.packages.map((p) => p.name);
