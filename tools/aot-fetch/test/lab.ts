import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArchiveItem, archivePath } from '@apt-ostree/manifest';
import { type Fault, type Served, serve, type ToolOptions, temporary, tool } from '@apt-ostree/testkit';
import { onTestFinished } from 'vitest';

const ZERO = '0'.repeat(64);
export const hash = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes that are the same every time, and nowhere the same. */
export function bytes(size: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let at = 0, x = seed; at < words.length; at++) words[at] = x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
  return Buffer.from(words.buffer, 0, size);
}

/** An archive with a pool and no indices, a server, a cache and the treefile's directory; apt's configuration is empty. */
export class Lab {
  readonly directory = temporary(onTestFinished);
  readonly cachedir: string;
  readonly items: object[] = [];
  readonly files = new Map<string, Buffer>();
  readonly #configuration: string[] = [`Dir::Etc "${this.directory}/etc";`];

  constructor(cachedir?: string) {
    this.cachedir = cachedir ?? join(this.directory, 'cache');
    this.write('etc/auth.conf.d/none.conf', '');
    this.write('etc/apt.conf.d/none', '');
  }

  /** Adds a package to the pool and the manifest. */
  add(name: string, content: Buffer, more: Record<string, unknown> = {}): this {
    const path = `pool/${name}_1_all.deb`;
    this.write(`archive/${path}`, content);
    this.files.set(name, content);
    const source = { id: 'kit', suite: 'stable', component: 'main', index: ZERO };
    const rest = { sourcePackage: name, sourceVersion: '1', installedSize: 1, automatic: false, essential: false };
    const own = { path, size: content.length, sha256: hash(content) };
    this.items.push({ name, version: '1', architecture: 'all', source, ...rest, ...own, ...more });
    return this;
  }

  async serve(faults: Record<string, Fault> = {}): Promise<Served> {
    const served = await serve(join(this.directory, 'archive'), faults);
    onTestFinished(() => served.close());
    return served;
  }

  /** Says where the archive is. */
  at(...uris: string[]): this {
    this.write('kit.sources', `Types: deb\nURIs: ${uris.join(' ')}\nSuites: stable\nComponents: main\n`);
    return this;
  }

  /** Adds lines to apt's configuration. */
  configure(...lines: string[]): this {
    this.#configuration.push(...lines);
    return this;
  }

  write(path: string, content: string | Uint8Array): void {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  manifest(more: Record<string, unknown> = {}): string {
    const empty = { inputs: [], foreignArchitectures: [], indices: [], plan: [], essential: [] };
    const head = { kind: 'aot.packages/v1', treefile: { repos: ['kit'] }, architecture: 'amd64' };
    return JSON.stringify({ ...head, apt: { version: '1' }, ...empty, packages: this.items, ...more });
  }

  argv(...args: string[]): string[] {
    return ['--cachedir', this.cachedir, '--source-root', this.directory, ...args];
  }

  environment(): Record<string, string | undefined> {
    this.write('apt.conf', `${this.#configuration.join('\n')}\n`);
    const none = Object.fromEntries(['http_proxy', 'https_proxy', 'no_proxy'].map((name) => [name, undefined]));
    return { ...none, APT_CONFIG: join(this.directory, 'apt.conf') };
  }

  run(args: string[] = [], options: ToolOptions = {}) {
    const env = { ...this.environment(), ...options.env };
    return tool('aot-fetch', this.argv(...args), { stdin: this.manifest(), ...options, env });
  }

  /** The items that the output must have when everything was downloaded. */
  expected(): ArchiveItem[] {
    return [...this.files].map(([name, content]) => ({
      package: `${name}:all`,
      sha256: hash(content),
      file: archivePath(hash(content)),
    }));
  }

  /** Every file of the cache, by its path. */
  cached(): string[] {
    if (!statSync(this.cachedir, { throwIfNoEntry: false })) return [];
    const entries = readdirSync(this.cachedir, { recursive: true, withFileTypes: true });
    return entries
      .filter((e) => e.isFile())
      .map((e) => join(e.parentPath, e.name).slice(this.cachedir.length + 1))
      .sort();
  }
}

/** The manifest that a run wrote. */
export const parsed = (stdout: string) => JSON.parse(stdout) as { archives: ArchiveItem[] };

/** Waits for something that is about to be true; the test's own limit ends a wait in vain. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20);
}
