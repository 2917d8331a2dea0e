import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { run } from '@apt-ostree/run';
import { program } from '../lib/checkout.ts';
import { judges, type Registry } from '../lib/judges.ts';
import { commitChange } from '../lib/next-commit.ts';
import type { Group, Workspace } from './compose-rows.ts';
import { measure, type Sample } from './measure.ts';
import { commit, path, revision } from './server-commit.ts';

/** Where the layers of a run are kept, and where its images go: new ones for every first export. */
const place = (w: Workspace, name: string): string => path(w, `${name}-${w.run}`);

const exportOf = (w: Workspace, rev: string, image: string, env: NodeJS.ProcessEnv = {}): Promise<Sample> =>
  exportTo(w, rev, `oci:${place(w, image)}:bench`, env);

function exportTo(w: Workspace, rev: string, output: string, env: NodeJS.ProcessEnv = {}): Promise<Sample> {
  const from = ['--repo', path(w, 'repo'), '--ref', rev, '--cachedir', place(w, 'layers')];
  return measure([program('aot-ociexport'), ...from, '--output', output], { log: w.log, env });
}

const first = (w: Workspace): Promise<Sample> => {
  w.run++;
  return exportOf(w, revision(w), 'image');
};

async function once(w: Workspace): Promise<void> {
  await commit(w);
  await first(w);
}

const REF = 'bench/updated';

/** The commit with another `less`, and another version of it in the package database. */
async function update(w: Workspace): Promise<string> {
  const repo = path(w, 'repo');
  await run('ostree', ['refs', `--repo=${repo}`, '--force', `--create=${REF}`, revision(w)]);
  const status = '/usr/lib/sysimage/dpkg/status';
  const { stdout } = await run('ostree', ['cat', `--repo=${repo}`, REF, status]);
  return commitChange(repo, REF, {
    files: {
      'usr/bin/less': { text: `less, ${w.run}`, mode: 0o755 },
      [status.slice(1)]: stdout.replace(/^(Package: less\n(?:.+\n)*?Version: .*)$/m, `$1+deb13u${w.run}`),
    },
  });
}

let updated = '';

/** Has Node believe in so many processors. */
function processors(w: Workspace, count: number): NodeJS.ProcessEnv {
  const file = path(w, 'processors.cjs');
  const script = `require('node:os').availableParallelism = () => ${count};`;
  writeFileSync(file, `${script}\nrequire('node:module').syncBuiltinESMExports();\n`);
  return { NODE_OPTIONS: `--require ${file}` };
}

let peak = 0;

/** An image of the commit, with its layers in the cache: of an earlier row, if there was one. */
async function exported(w: Workspace): Promise<void> {
  if (!existsSync(place(w, 'image'))) await once(w);
}

let registry: Registry | undefined;
let pushes = 0;
let imports = 0;

/** Debian's registry on this machine, too. */
async function serving(w: Workspace): Promise<void> {
  await exported(w);
  pushes++;
  if (registry !== undefined) return;
  const shared = path(w, 'registry');
  mkdirSync(shared, { recursive: true });
  registry = await (await judges(shared)).registry();
}

/** A repository that the registry does not have yet. */
const repository = (whose: string): string => `${registry?.host}/${whose}/${pushes}:bench`;

export const EXPORT_ROWS: Group = {
  rows: [
    {
      title: 'OCI export of the server tree, gzip, against tar and pigz of the tree',
      target: '1.3',
      prepare: commit,
      ours: first,
      peer: (w) =>
        measure(['sh', '-c', 'tar -C "$1" -cf - . | pigz > "$2"', 'sh', path(w, 'tree'), place(w, 'tree.tar.gz')], {
          log: w.log,
        }),
    },
    {
      title: 'OCI export again to the same layout, nothing changed',
      target: '2 s',
      prepare: once,
      ours: (w) => exportOf(w, revision(w), 'image'),
    },
    {
      title: 'OCI export again to another layout, nothing changed, against skopeo copy of the image',
      target: '2 s',
      prepare: once,
      ours: (w) => exportOf(w, revision(w), 'other'),
      peer: (w) => {
        const images = [`oci:${place(w, 'image')}:bench`, `oci:${place(w, 'copied')}:bench`];
        return measure(['skopeo', '--insecure-policy', 'copy', ...images], { log: w.log });
      },
    },
    {
      title: 'OCI export after one updated package, against the first export',
      target: '0.3',
      prepare: async (w) => {
        await once(w);
        updated = await update(w);
      },
      ours: (w) => exportOf(w, updated, 'image'),
      peer: first,
    },
    {
      title: 'OCI export of the server tree on 16 processors',
      target: 'at most 300 MB',
      prepare: commit,
      ours: async (w) => {
        w.run++;
        const sample = await exportOf(w, revision(w), 'image', processors(w, 16));
        peak = Math.max(peak, ...sample.memory.values());
        return sample;
      },
      note: async () => `${Math.round(peak * 1.048576)} MB at most`,
    },
    {
      title: 'OCI push of the server tree to a registry on this machine, against skopeo copy of the image',
      target: '1.0',
      prepare: serving,
      ours: (w) => exportTo(w, revision(w), `registry:${repository('ours')}`),
      peer: (w) => {
        const images = [`oci:${place(w, 'image')}:bench`, `docker://${repository('theirs')}`];
        return measure(['skopeo', '--insecure-policy', 'copy', '--dest-tls-verify=false', ...images], { log: w.log });
      },
    },
    {
      title: 'OCI import of the server image to a commit, against umoci unpack',
      target: '1.0',
      prepare: async (w) => {
        await exported(w);
        imports++;
      },
      ours: (w) => {
        const image = `oci:${place(w, 'image')}:bench`;
        return measure([program('aot-ociimport'), image, '--repo', place(w, `imported-${imports}`)], { log: w.log });
      },
      peer: (w) => {
        const image = `${place(w, 'image')}:bench`;
        return measure(['umoci', 'unpack', '--image', image, place(w, `bundle-${imports}`)], { log: w.log });
      },
    },
  ],
  close: async () => registry?.stop(),
};
