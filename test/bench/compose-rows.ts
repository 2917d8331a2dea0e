import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program, TOP } from '../lib/checkout.ts';
import { sources } from '../lib/mmdebstrap.ts';
import { measure, type Sample } from './measure.ts';

/** One row of the table: ours and the peer's, run in turn. */
export interface Row {
  title: string;
  target: string;
  /** Set-up that is not timed, before every run. */
  prepare?: (work: Workspace) => Promise<void>;
  ours: (work: Workspace) => Promise<Sample>;
  peer?: (work: Workspace) => Promise<Sample>;
  /** Something else that was found out, after the last run: it stands behind the title. */
  note?: (work: Workspace) => Promise<string>;
}

/** Rows that share what they are timed on. */
export interface Group {
  rows: Row[];
  /** After the last of them that is asked for. */
  close?: () => Promise<void>;
}

export interface Workspace {
  directory: string;
  log: string;
  /** Counts the runs: each has a directory of its own. */
  run: number;
}

const path = (w: Workspace, name: string): string => join(w.directory, String(w.run), name);

const compose = (w: Workspace, treefile: string, ...options: string[]): Promise<Sample> =>
  measure(
    [
      program('apt-ostree'),
      'compose',
      'tree',
      '--repo',
      path(w, 'repo'),
      '--cachedir',
      path(w, 'cache'),
      ...options,
      treefile,
    ],
    { log: w.log },
  );

/**
 * Begins a run with nothing cached. What runs before it made stays until the end: an ext4 without a journal does not use
 * an inode again for some minutes and looks at each such inode for every file that it creates, so a removal would be
 * measured with whatever follows.
 */
const forget = async (w: Workspace): Promise<void> => {
  w.run++;
  mkdirSync(path(w, ''), { recursive: true });
};

/** mmdebstrap with the packages of a lock that we resolved before, from the same mirror. */
async function peer(w: Workspace, treefile: string): Promise<Sample> {
  const names = await requested(w, treefile);
  return measure(
    [
      'mmdebstrap',
      '--quiet',
      '--variant=essential',
      '--aptopt=APT::Install-Recommends "false"',
      `--include=${names.join(',')}`,
      'trixie',
      path(w, 'peer'),
      '-',
    ],
    { log: w.log, input: sources('trixie') },
  );
}

const locks = new Map<string, string[]>();

async function requested(w: Workspace, treefile: string): Promise<string[]> {
  const known = locks.get(treefile);
  if (known) return known;
  const lock = join(w.directory, `${locks.size}.lock.json`);
  const cachedir = join(w.directory, 'lock-cache');
  await measure([program('aot-resolve'), treefile, '--cachedir', cachedir, '-o', lock], { log: w.log });
  const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as { packages: { name: string; essential: boolean }[] };
  const names = packages.filter((p) => !p.essential).map((p) => p.name);
  locks.set(treefile, names);
  return names;
}

const example = (name: string): string => join(TOP, 'docs/examples', `${name}.yaml`);

/** A treefile that includes the server and adds one thing. */
function variant(name: string, addition: string): string {
  const file = join(TOP, 'docs/examples', `.bench-${name}.yaml`);
  writeFileSync(file, `include: server.yaml\n${addition}\n`);
  return file;
}

const warm = async (w: Workspace): Promise<void> => {
  await forget(w);
  await compose(w, example('server'));
};

async function withVariant(w: Workspace, name: string, addition: string): Promise<Sample> {
  const file = variant(name, addition);
  try {
    return await compose(w, file);
  } finally {
    rmSync(file, { force: true });
  }
}

/** The first five rows of the promises in the README. */
export const COMPOSE_ROWS: Group = {
  rows: [
    {
      title: 'minimal tree, nothing cached',
      target: '0.75, then 0.6',
      prepare: forget,
      ours: (w) => compose(w, example('minimal')),
      peer: (w) => peer(w, example('minimal')),
    },
    {
      title: 'server tree with kernel and initramfs, nothing cached',
      target: '0.75, then 0.6',
      prepare: forget,
      ours: (w) => compose(w, example('server')),
      peer: (w) => peer(w, example('server')),
    },
    {
      title: 'server tree, package cache warm, one package added',
      target: '0.45, then 0.25',
      prepare: warm,
      ours: (w) => withVariant(w, 'package', 'packages: [tree]'),
      peer: (w) => peer(w, example('server')),
    },
    {
      title: 'the same packages, another change to the treefile',
      target: '0.15',
      prepare: warm,
      ours: (w) => withVariant(w, 'change', 'postprocess: ["#!/bin/sh\\necho hello > /etc/motd\\n"]'),
      peer: (w) => peer(w, example('server')),
    },
    {
      title: 'nothing changed, offline',
      target: 'at most 1 s',
      prepare: warm,
      ours: (w) => compose(w, example('server'), '--cache-only'),
    },
  ],
};
