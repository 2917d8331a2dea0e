import { row, testSame } from '../lib/twins.ts';

const BRANCH = 'test/booted';
const files = (name: string) => ({ files: { [`usr/share/${name}`]: 'x' } });

testSame('daemon-same-layer', [
  // layered packages
  row('install --dry-run aot-b'),
  row('install aot-b'),
  row('install aot-b'),
  row('install aot-b --idempotent --unchanged-exit-77'),
  row('install aot-is-not-there'),
  row('install no/pack/age'),
  row('install less --allow-inactive --download-only'),
  row('install htop'),
  row('install aot-a --uninstall=aot-b --cache-only'),
  row('install /run/aot-file.deb'),
  row('install /run/aot-file.deb'),
  row('install /run/wrong.deb'),
  row('install /run'),
  row('install /run/is-not-there.deb'),
  row('install URL/aot-url.deb'),
  row('install URL/is-not-there.deb'),
  row('install file://x/y.deb'),
  row('uninstall aot-url aot-is-not-there'),
  row('uninstall aot-url_98-1_amd64 --dry-run'),
  row('uninstall aot-url --install=aot-b'),
  row('uninstall --all --dry-run'),
  row('uninstall --all'),
  row('uninstall --all --unchanged-exit-77'),
  row('upgrade --install=aot-b --uninstall=aot-a'),
  row('upgrade --install=aot-b', { commit: [BRANCH, { version: '4', ...files('four') }] }),
  row('upgrade --install=URL/aot-url.deb --uninstall=aot-b'),
  row('refresh-md --force'),
]);
