import { AotError, explain } from '@apt-ostree/errors';
import { requireRoot } from '@apt-ostree/host';
import { defaultCachedir } from '@apt-ostree/manifest';
import { removeContent } from './remove-content.ts';
import { fold, unfold } from './root-tree.ts';

/** `cleanup -m` in a container: our caches go, and /var is what it is in a composed image, whatever was done before. */
export function cleanHere(ofDeployments: readonly string[]): undefined {
  requireRoot();
  if (ofDeployments.length > 0)
    throw new AotError('failed', `cannot use '--${ofDeployments[0]}' in a container: it has no deployments`, {
      hint: "'--repomd' removes the caches",
    });
  try {
    removeContent(defaultCachedir());
  } catch (error) {
    throw explain(error, `cannot remove '${defaultCachedir()}'`);
  }
  unfold();
  fold();
}
