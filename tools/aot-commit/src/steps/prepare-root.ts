import { AotError } from '@apt-ostree/errors';
import { knowsComposefs, PREPARE_ROOT, PREPARE_ROOT_CONF, parsePrepareRoot, refusesComposefs } from '@apt-ostree/host';
import type { Layout } from '../layout.ts';

/**
 * Says how deployments are mounted. ostree-prepare-root reads this in the initramfs, so the file must be there before dracut
 * runs. Where the tree's libostree has composefs it is turned on; `maybe` is for those that have not: they go on without,
 * and would end the boot with `yes`. A tree that does not boot has the file for those that are derived from it.
 */
export function prepareRoot({ tree }: Layout): void {
  const program = tree.readBytes(PREPARE_ROOT);
  const own = PREPARE_ROOT_CONF.find((path) => tree.exists(path));
  if (own === undefined) {
    const enabled = program && knowsComposefs(program) ? 'yes' : 'maybe';
    tree.write(PREPARE_ROOT_CONF[1], `[composefs]\nenabled = ${enabled}\n\n[sysroot]\nreadonly = true\n`);
    return;
  }
  const { composefs } = parsePrepareRoot(tree.readText(own) ?? '', `/${own}`);
  if (program === undefined || !refusesComposefs(composefs, program)) return;
  throw new AotError('data', `cannot boot with '/${own}': it says '${composefs}' to composefs`, {
    code: 'no-composefs',
    hint: "the tree's libostree is built without composefs, and ends the boot there; 'maybe' goes with every libostree",
  });
}
