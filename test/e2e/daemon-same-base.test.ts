import type { Change } from '../lib/next-commit.ts';
import { row, testSame } from '../lib/twins.ts';

const BRANCH = 'test/booted';
const files = (name: string) => ({ files: { [`usr/share/${name}`]: 'x' } });
const fewer: Change['packages'] = (all) => all.filter(({ name }) => name !== 'less');

testSame('daemon-same-base', [
  // nothing to do, and what means nothing
  row('upgrade'),
  row('upgrade --unchanged-exit-77'),
  row('upgrade --check'),
  row('upgrade --preview'),
  row('upgrade --preview --allow-downgrade --unchanged-exit-77'),
  row('upgrade --reboot --preview'),
  row('upgrade --stateroot=other'),
  row('upgrade --trigger-automatic-update-policy'),
  row('rollback'),
  row('cleanup --pending --rollback'),
  row('cleanup'),
  row('reset'),
  row('rebase'),
  row('rebase debian:test/booted'),
  row('rebase x --branch=y'),
  row('rebase --branch='),
  row('rebase no-such-branch'),
  row('deploy'),
  row('deploy no-such-version'),
  row('deploy --preview no-such-version'),
  row('finalize-deployment'),
  // upgrades
  row('upgrade --check', { commit: [BRANCH, { version: '1', ...files('one'), packages: fewer }] }),
  row('upgrade --check --allow-downgrade --cache-only'),
  row('upgrade --preview'),
  row('upgrade --check-diff --cache-only'),
  row('upgrade --download-only'),
  row('upgrade --lock-finalization'),
  row('finalize-deployment --allow-missing-checksum --allow-unlocked'),
  row('cleanup -p'),
  row('upgrade --reboot'),
  row('rollback'),
  // other bases
  row('deploy --preview version=2', { commit: [BRANCH, { version: '2', ...files('two') }] }),
  row('deploy --preview --disallow-downgrade --unchanged-exit-77 version=1'),
  row('deploy version=2 --install=aot-a'),
  row('deploy version=2 --unchanged-exit-77'),
  row('deploy version=1 --disallow-downgrade'),
  row('deploy version=1 --uninstall=aot-a --lock-finalization'),
  row('deploy --register-driver=x'),
  row('rebase --branch=test/other --download-only', { commit: ['test/other', { version: '3', ...files('three') }] }),
  row('rebase --branch=test/other --install=aot-a --install=/run/aot-file.deb'),
  row('rebase --branch=test/booted --uninstall=aot-a --skip-purge'),
  row('rebase --remote=none'),
  row('rebase /run/local:test/booted'),
  row('rebase debian:test/booted --custom-origin-url=https://example.org --custom-origin-description=text'),
  row('rebase debian:test/other 3'),
  row('rebase debian:test/booted --uninstall=aot-file'),
  row('reset --install=aot-b'),
  row('reset --overlays'),
]);
