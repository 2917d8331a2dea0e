import { chmodSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RootfsManifest } from '@apt-ostree/manifest';
import { Tree } from '@apt-ostree/ostree';
import { temporary } from '@apt-ostree/testkit';
import { onTestFinished } from 'vitest';
import type { Layout } from '../src/layout.ts';
import { settings } from '../src/settings.ts';

/** Content of a file; a directory; a link; or a file with more to it. */
export type Spec = string | { dir: number; uid?: number; gid?: number } | { link: string } | FileSpec;

interface FileSpec {
  text: string;
  mode?: number;
  uid?: number;
  gid?: number;
}

/** Makes a tree of `files` in a temporary directory. */
export function makeTree(files: Record<string, Spec>): Tree {
  const root = temporary(onTestFinished);
  for (const [path, spec] of Object.entries(files))
    put(join(root, path), typeof spec === 'string' ? { text: spec } : spec);
  return new Tree(root);
}

function put(path: string, spec: Exclude<Spec, string>): void {
  mkdirSync(dirname(path), { recursive: true });
  if ('link' in spec) {
    symlinkSync(spec.link, path);
    return;
  }
  if ('dir' in spec) mkdirSync(path, { recursive: true });
  else writeFileSync(path, spec.text);
  lchownSync(path, spec.uid ?? 0, spec.gid ?? 0);
  chmodSync(path, 'dir' in spec ? spec.dir : (spec.mode ?? 0o644));
}

export const CLOCK = 1_700_000_000;

/** A layout of such a tree, with a treefile; `warnings` collects. */
export function makeLayout(
  files: Record<string, Spec>,
  treefile: Record<string, unknown> = {},
  parent: Record<string, string> = {},
): Layout & { warnings: string[] } {
  const warnings: string[] = [];
  return {
    tree: makeTree(files),
    manifest: manifest(treefile),
    settings: settings(treefile),
    clock: CLOCK,
    version: null,
    readParent: async (path) => parent[path],
    warn: (text) => warnings.push(text),
    signal: new AbortController().signal,
    warnings,
  };
}

/** A manifest of one package. */
export function manifest(treefile: Record<string, unknown> = {}): RootfsManifest {
  const sha256 = 'a'.repeat(64);
  return {
    kind: 'aot.rootfs/v1',
    treefile,
    inputs: [],
    architecture: 'amd64',
    foreignArchitectures: [],
    apt: { version: '3.0.3' },
    indices: [
      {
        ...{ id: 'debian', suite: 'trixie', codename: 'trixie', origin: 'Debian', label: 'Debian', version: '13' },
        ...{ components: ['main'], date: CLOCK, validUntil: null, sha256 },
      },
    ],
    packages: [
      {
        ...{ name: 'hello', version: '1.0-1', architecture: 'amd64', path: 'pool/hello.deb', size: 1, sha256 },
        source: { id: 'debian', suite: 'trixie', component: 'main', index: sha256 },
        ...{ sourcePackage: 'hello', sourceVersion: '1.0-1', installedSize: 1, automatic: false, essential: false },
      },
    ],
    plan: [],
    essential: [],
    rootfs: '/nowhere',
    cachedir: '/nowhere',
    state: 'configured',
    unpacked: [],
    scripts: [],
  };
}

export const PASSWD = 'root:x:0:0:root:/root:/bin/bash\nman:x:6:12:man:/var/cache/man:/usr/sbin/nologin\n';
export const GROUP = 'root:x:0:\nmail:x:8:\nman:x:12:\nsudo:x:27:man\n';
