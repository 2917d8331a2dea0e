// Called by debian/rules: from a clean checkout to bundled tools. Debian packages are debian/control's to ask for.
import { setup } from './lib/setup.mjs';

setup([]);
