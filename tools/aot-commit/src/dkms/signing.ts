import type { Tree } from '@apt-ostree/ostree';
import { STATE } from './added.ts';
import { CONFIGURATION } from './configuration.ts';

/** Where DKMS would make a key when none is configured. */
const DEFAULT = [`${STATE}/mok.key`, `${STATE}/mok.pub`];

/** The key and the certificate with which a tree's modules are to be signed, where it has both; none otherwise. */
export function signingFiles(tree: Tree): string[] {
  const texts = [
    `${CONFIGURATION}/framework.conf`,
    ...tree.list(`${CONFIGURATION}/framework.conf.d`).map((n) => `${CONFIGURATION}/framework.conf.d/${n}`),
  ];
  const set = (variable: string, otherwise: string) => {
    const line = new RegExp(`^\\s*${variable}=["']?/([^\\s"']+)`, 'm');
    return (
      texts.map((path) => line.exec(tree.readText(path) ?? '')?.[1]).findLast((path) => path !== undefined) ?? otherwise
    );
  };
  const files = [set('mok_signing_key', DEFAULT[0] as string), set('mok_certificate', DEFAULT[1] as string)];
  return files.every((path) => tree.readBytes(path) !== undefined) ? files : [];
}
