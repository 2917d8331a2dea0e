// npm run setup: everything a developer needs, and nothing composed.
import { DISK, GUIDES, PACKAGE, RUN, TEST } from './lib/packages.mjs';
import { setup } from './lib/setup.mjs';

setup([...RUN, ...GUIDES, ...DISK, ...TEST, ...PACKAGE]);
