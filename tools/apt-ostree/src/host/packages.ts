import { flag, later, word } from '../later.ts';
import { install } from './install/command.ts';
import { CHANGE } from './layer/options.ts';
import { HOST, STATEROOT } from './options.ts';
import { override } from './override/command.ts';
import { uninstall } from './uninstall/command.ts';

export const packages = [
  install,
  uninstall,
  later({
    name: 'search',
    summary: 'search the packages of the sources',
    args: { term: word('TERM', 'words or globs', { multiple: true }), ...CHANGE, ...HOST },
  }),
  override,
  later({
    name: 'refresh-md',
    aliases: ['makecache'],
    summary: 'refresh the indices of the archives',
    args: { force: flag('also those that are fresh', { alias: 'f' }), ...STATEROOT, ...HOST },
  }),
];
