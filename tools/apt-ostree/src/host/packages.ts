import { install } from './install/command.ts';
import { override } from './override/command.ts';
import { refreshMd } from './refresh-md/command.ts';
import { search } from './search/command.ts';
import { uninstall } from './uninstall/command.ts';

export const packages = [install, uninstall, search, override, refreshMd];
