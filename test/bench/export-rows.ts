import { run } from '@apt-ostree/run';
import { program } from '../lib/checkout.ts';
import { commitChange } from '../lib/next-commit.ts';
import type { Row, Workspace } from './compose-rows.ts';
import { measure, type Sample } from './measure.ts';
import { commit, path, revision } from './server-commit.ts';

/** Where the layers of a run are kept, and where its images go: new ones for every first export. */
const place = (w: Workspace, name: string): string => path(w, `${name}-${w.run}`);

const exportOf = (w: Workspace, rev: string, image: string): Promise<Sample> => {
  const from = ['--repo', path(w, 'repo'), '--ref', rev, '--cachedir', place(w, 'layers')];
  return measure([program('aot-ociexport'), ...from, '--output', `oci:${place(w, image)}:bench`], { log: w.log });
};

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

export const EXPORT_ROWS: Row[] = [
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
];
