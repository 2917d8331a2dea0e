import { canonicalJson, sha256 } from './canonical.ts';
import { givenEpoch } from './given-epoch.ts';
import type { LayerBase, PackagesManifest } from './schemas/packages.ts';

/** Changes whenever the same inputs would give another tree; part of every key below. */
const GENERATION = 4;

type Inputs = Pick<
  PackagesManifest,
  'treefile' | 'inputs' | 'packages' | 'plan' | 'essential' | 'architecture' | 'foreignArchitectures' | 'indices'
> & { base?: LayerBase | undefined };

/** What a layer is on: a tree that starts from an image is no layer, but one of its own. */
export const layeredOn = <T extends Pick<PackagesManifest, 'base'>>({ base }: T): LayerBase | undefined =>
  base?.image === undefined ? base : undefined;

const identity = (m: Inputs) => m.packages.map((p) => [p.name, p.architecture, p.version, p.sha256, p.automatic]);

/**
 * Names a configured tree by all that decides it: packages, order, debconf answers, clock. Two manifests with the same key
 * give the same tree, whatever else their treefiles say.
 */
export function configureKey(m: Inputs): string {
  const t = m.treefile;
  const decisive = ['debconf', 'documentation', 'install-langs', 'releasever'];
  return sha256(
    canonicalJson([
      GENERATION,
      identity(m),
      m.plan,
      m.essential,
      m.architecture,
      m.foreignArchitectures,
      sourceDateEpoch(m),
      decisive.map((k) => t[k] ?? null),
      ...(m.base === undefined ? [] : [m.base.commit]),
    ]),
  );
}

/**
 * Names a commit's inputs: treefile, files beside it, packages. The same hash as the parent's means: nothing to do. The
 * sources are left out: another mirror of the same packages gives the same tree.
 * @param layers checksums of the trees of the treefile's layers
 */
export function inputHash(m: Inputs & { edited?: string | undefined }, layers: readonly string[] = []): string {
  const inputs = m.inputs.filter((i) => i.use !== 'archive');
  const made = sha256(
    canonicalJson([GENERATION, m.treefile, inputs, identity(m), m.plan, m.architecture, m.foreignArchitectures]),
  );
  const more = [
    ...(m.edited === undefined ? [] : [`edited ${m.edited}`]),
    ...(m.base === undefined ? [] : [`base ${m.base.commit}`]),
    ...(m.base?.image === undefined ? [] : [`image ${m.base.image.digest}`]),
    ...layers,
  ];
  return more.length === 0 ? made : sha256([made, ...more].join('\n'));
}

/**
 * The clock of a compose: SOURCE_DATE_EPOCH, or the newest index date of the lock; of a layer the time of its base,
 * of a tree that starts from an image the newer of the two.
 * See the SOURCE_DATE_EPOCH specification of reproducible-builds.org.
 */
export function sourceDateEpoch(m: Pick<PackagesManifest, 'indices' | 'base'>): number {
  const given = givenEpoch();
  if (given !== undefined) return given;
  const layered = layeredOn(m);
  if (layered !== undefined) return layered.timestamp;
  return Math.max(m.base?.timestamp ?? 0, ...m.indices.map((i) => i.date));
}
