import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keptImages } from './images.ts';
import { keptRefs, keptRefsBelow } from './refs.ts';

/**
 * Forgets the images whose commit nobody needs, and the layers that are of none of the others; the next cleanup of the
 * repository frees what they had.
 * @returns how many images and layers that were
 */
export function forgetImages(repo: string, needed: ReadonlySet<string>): { images: number; layers: number } {
  const all = keptImages(repo);
  const kept = all.filter((image) => needed.has(image.commit));
  const gone = all.filter((image) => !needed.has(image.commit));
  const layers = new Set(
    kept.flatMap(({ diffIds }) => diffIds).flatMap((id) => [keptRefs.layer(id), keptRefs.objects(id)]),
  );
  const unused = [...keptRefsBelow(repo, 'aot/layer'), ...keptRefsBelow(repo, 'aot/objects')].filter(
    (ref) => !layers.has(ref),
  );
  const records = new Set(gone.map((image) => recordOf(repo, keptRefs.image(image.digest))));
  const names = keptRefsBelow(repo, 'aot/image-name').filter((ref) => records.has(recordOf(repo, ref)));
  // records first: a layer without an image is only a cache
  for (const ref of [...names, ...gone.map((image) => keptRefs.image(image.digest)), ...unused])
    rmSync(join(repo, 'refs/heads', ref), { force: true });
  return { images: gone.length, layers: unused.length };
}

const recordOf = (repo: string, ref: string): string => readFileSync(join(repo, 'refs/heads', ref), 'utf8').trim();
