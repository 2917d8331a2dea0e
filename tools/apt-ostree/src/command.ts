import { defineTool } from '@apt-ostree/cli';
import { compose } from './compose/command.ts';

export const command = defineTool({
  name: 'apt-ostree',
  summary: 'hybrid image and package system for Debian',
  subCommands: [compose],
});
