import { defineTool } from '@apt-ostree/cli';
import { install } from './install.command.ts';
import { tree } from './tree.command.ts';

export const compose = defineTool({
  name: 'compose',
  summary: 'make commits and images from packages',
  subCommands: [tree, install],
});
