import { defineTool } from '@apt-ostree/cli';
import { commit } from './commit.command.ts';
import { disk } from './disk/command.ts';
import { extensions } from './extensions/command.ts';
import { chunked } from './image/chunked.command.ts';
import { encapsulate } from './image/encapsulate.command.ts';
import { image } from './image/image.command.ts';
import { join } from './image/join.command.ts';
import { install } from './install.command.ts';
import { lint } from './lint/command.ts';
import { postprocess } from './postprocess.command.ts';
import { repo } from './repo/command.ts';
import { rootfs } from './rootfs.command.ts';
import { tree } from './tree.command.ts';

export const compose = defineTool({
  name: 'compose',
  summary: 'make commits and images from packages',
  subCommands: [
    tree,
    install,
    postprocess,
    commit,
    rootfs,
    lint,
    disk,
    repo,
    image,
    join,
    encapsulate,
    chunked,
    extensions,
  ],
});
