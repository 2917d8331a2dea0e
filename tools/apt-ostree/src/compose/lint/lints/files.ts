import type { Lint } from '../lint.ts';
import { shown } from '../shown.ts';

const SPECIAL = { block: 'a block device', char: 'a character device', fifo: 'a FIFO', socket: 'a socket' } as const;

export const specialFiles: Lint = {
  name: 'special-files',
  severity: 'error',
  summary: 'outside /dev there are files, directories and links only: OSTree holds nothing else',
  check({ tree }) {
    const found = [...tree.walk()].filter(([path, { type }]) => type in SPECIAL && !path.startsWith('dev/'));
    return shown(found, ([path, { type }]) => `/${path} is ${SPECIAL[type as keyof typeof SPECIAL]}`);
  },
};

const SETUID = 0o4000;
/** Programs that are of no use without it. */
const PRIVILEGED = ['chfn', 'chsh', 'gpasswd', 'mount', 'newgrp', 'passwd', 'su', 'sudo', 'umount'];

export const setuid: Lint = {
  name: 'setuid',
  severity: 'error',
  summary: 'programs such as su and sudo are set-user-id: the tree was not copied without',
  check: ({ tree }) =>
    PRIVILEGED.map((name) => `usr/bin/${name}`)
      .filter((path) => {
        const node = tree.at(path);
        return node?.type === 'file' && (node.mode & SETUID) === 0;
      })
      .map((path) => `/${path} is not set-user-id`),
};
