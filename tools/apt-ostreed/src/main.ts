import { main } from '@apt-ostree/cli';
import { version } from '../package.json';
import { command } from './command.ts';

await main(command, { version });
