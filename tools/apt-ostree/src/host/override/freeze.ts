import type { Origin } from '@apt-ostree/host';
import { downloadLayer, type Plan } from '../layer/layer.ts';
import { withoutOverrides } from './edit-overrides.ts';

/** Pins replacements from an archive to the versions that were found, as if their files had been given. */
export const freezing =
  (names: readonly string[]) =>
  async (plan: Plan): Promise<Origin> => {
    await downloadLayer(plan);
    const found = (plan.layer?.packages.packages ?? []).filter((p) => names.includes(p.name));
    const pinned = found.map((p) => `${p.sha256}:${p.name}_${p.version}_${p.architecture}`);
    const rest = withoutOverrides(
      plan.origin.overrides,
      found.map((p) => p.name),
    );
    return { ...plan.origin, overrides: { ...rest, replaceLocal: [...rest.replaceLocal, ...pinned] } };
  };
