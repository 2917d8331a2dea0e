import { AotError } from '@apt-ostree/errors';
import type { Layout } from '../layout.ts';

/**
 * /etc becomes /usr/etc, the defaults that libostree merges with a machine's own /etc when it deploys. Both at once are
 * never right.
 */
export function moveEtc({ tree }: Layout): void {
  if (tree.exists('usr/etc')) {
    throw new AotError('data', "cannot commit a tree that has '/usr/etc' and '/etc'", {
      hint: "move the files of '/usr/etc' to '/etc'",
    });
  }
  tree.rename('etc', 'usr/etc');
}
