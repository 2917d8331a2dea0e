import { defineTool } from '@apt-ostree/cli';
import { compose } from './compose/command.ts';
import { encapsulate } from './compose/image/encapsulate.command.ts';
import { ex } from './ex/command.ts';
import { experimental } from './ex/experimental.ts';
import { internals } from './ex/internals.ts';
import { throughDaemon } from './host/daemon/through.ts';
import { database } from './host/db/command.ts';
import { deployments } from './host/deployments.ts';
import { packages } from './host/packages.ts';
import { system } from './host/system.ts';

/** Every command of rpm-ostree with all its options; what this version cannot do yet says so. */
export const command = defineTool({
  name: 'apt-ostree',
  summary: 'hybrid image and package system for Debian and Ubuntu',
  description: `Composes operating systems as OSTree commits from Debian packages. Each step of a compose is a program of its own that reads and writes JSON; this command puts them together under the names that rpm-ostree gives them.`,
  subCommands: [
    compose,
    ...[...deployments, ...packages, ...system].map(throughDaemon),
    database,
    throughDaemon(ex),
    experimental,
    ...internals,
    { ...encapsulate, hidden: true },
  ],
  seeAlso: ['apt-ostree-compose-tree(1)', 'treefile(5)', 'ostree(1)'],
});
