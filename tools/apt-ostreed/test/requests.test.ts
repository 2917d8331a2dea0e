import { Variant } from '@apt-ostree/dbus';
import { describe, expect, test } from 'vitest';
import { mangle } from '../src/names.ts';
import { progressSignals } from '../src/progress-signals.ts';
import * as base from '../src/requests/base.ts';
import * as boot from '../src/requests/boot.ts';
import * as packages from '../src/requests/packages.ts';
import { dictionary } from '../src/variants.ts';

const options = (entries: Record<string, unknown>) =>
  new Map(
    Object.entries(entries).map(([key, value]) => [
      key,
      value instanceof Variant
        ? value
        : new Variant(Array.isArray(value) ? 'as' : typeof value === 'boolean' ? 'b' : 's', value),
    ]),
  );
const place = { stateroot: 'os', locked: false, uploaded: (digest: string) => `/${digest}.deb`, unit: 'x.service' };
const update = (args: unknown[]) => packages.updateDeployment(place, args);
const line = ({ argv }: { argv: readonly string[] }) => argv.join(' ');

describe('a call becomes a command line', () => {
  test.each<[string, { argv: readonly string[]; actions: readonly string[] }, string, string]>([
    ['Upgrade', base.upgrade('os', [options({})]), 'upgrade --stateroot=os --unchanged-exit-77', 'upgrade'],
    [
      'Upgrade with options',
      base.upgrade('os', [options({ reboot: true, 'allow-downgrade': true, 'cache-only': false })]),
      'upgrade --stateroot=os --reboot --allow-downgrade --unchanged-exit-77',
      'upgrade',
    ],
    [
      'Deploy',
      base.deploy('os', ['version=1', options({ 'skip-branch-check': true })]),
      'deploy --stateroot=os --skip-branch-check version=1 --unchanged-exit-77',
      'deploy',
    ],
    [
      'Deploy that allows no downgrade',
      base.deploy('os', ['1', options({ 'allow-downgrade': false })]),
      'deploy --stateroot=os --disallow-downgrade 1 --unchanged-exit-77',
      'deploy',
    ],
    [
      'Rebase',
      base.rebase('os', [options({ 'skip-purge': true, revision: '2' }), 'r:b', []]),
      'rebase --stateroot=os --skip-purge r:b 2',
      'rebase',
    ],
    ['Rollback', base.rollback('os', [options({ reboot: true })]), 'rollback --stateroot=os --reboot', 'rollback'],
    [
      'ClearRollbackTarget',
      base.clearRollbackTarget('os', [options({})]),
      'cleanup --stateroot=os --rollback',
      'rollback',
    ],
    ['Cleanup', base.cleanup('os', [['base', 'repomd', 'base']]), 'cleanup --stateroot=os --base --repomd', 'cleanup'],
    [
      'FinalizeDeployment',
      base.finalizeDeployment('os', [options({ checksum: 'abc', 'allow-unlocked': true })]),
      'finalize-deployment --stateroot=os --allow-unlocked abc',
      'finalize-deployment',
    ],
    [
      'KernelArgs',
      boot.kernelArguments('os', () => 'a b', [
        'a b',
        ['c', 'd=1'],
        [],
        ['a'],
        options({ 'append-if-missing': ['e'] }),
      ]),
      'kargs --stateroot=os --append=c --append=d=1 --delete=a --append-if-missing=e --unchanged-exit-77',
      'bootconfig',
    ],
    [
      'UpdateDeployment without anything',
      update([options({}), options({ reboot: true })]),
      'upgrade --stateroot=os --reboot --unchanged-exit-77',
      'upgrade',
    ],
    [
      'UpdateDeployment to a branch',
      update([options({ 'set-refspec': 'x', 'set-revision': '3' }), options({})]),
      'rebase --stateroot=os x 3',
      'rebase',
    ],
    [
      'UpdateDeployment that drops changes',
      update([options({}), options({ 'no-layering': true, 'no-initramfs': true })]),
      'reset --stateroot=os --overlays --initramfs',
      'install-uninstall-packages bootconfig',
    ],
    [
      'UpdateDeployment with packages',
      update([options({ 'install-packages': ['a'], 'uninstall-packages': ['b'] }), options({})]),
      'upgrade --stateroot=os --unchanged-exit-77 --install=a --uninstall=b',
      'upgrade install-uninstall-packages',
    ],
    [
      'UpdateDeployment of packages alone',
      update([options({ 'install-packages': ['a'] }), options({ 'no-pull-base': true })]),
      'install --stateroot=os --assumeyes a --unchanged-exit-77',
      'install-uninstall-packages',
    ],
    [
      'UpdateDeployment of overrides',
      update([options({ 'override-remove-packages': ['a', 'b'] }), options({ 'no-pull-base': true })]),
      'override remove --stateroot=os a b',
      'override',
    ],
    [
      'UpdateDeployment to a branch with packages',
      update([
        options({
          ...{ 'set-refspec': 'x', 'install-packages': ['a'], 'install-uploaded-packages': ['d'] },
          'custom-origin': new Variant('(ss)', ['https://example.org', 'text']),
        }),
        options({ 'skip-purge': true }),
      ]),
      'rebase --stateroot=os --skip-purge --custom-origin-url=https://example.org --custom-origin-description=text x --install=a --install=/d.deb',
      'rebase install-uninstall-packages install-local-packages',
    ],
    [
      'UpdateDeployment to a version, without a package',
      update([
        options({ 'set-revision': '3', 'uninstall-packages': ['b'] }),
        options({ 'allow-downgrade': false, 'register-driver': 'me' }),
      ]),
      'deploy --stateroot=os --disallow-downgrade --register-driver=me --driver-unit=x.service 3 --unchanged-exit-77 --uninstall=b',
      'deploy install-uninstall-packages',
    ],
    [
      'UpdateDeployment that only looks',
      update([options({ 'set-revision': '3' }), options({ 'dry-run': true, 'skip-branch-check': true })]),
      'deploy --stateroot=os --skip-branch-check 3 --unchanged-exit-77 --preview',
      'deploy',
    ],
    [
      'UpdateDeployment that takes all overrides back',
      update([
        options({ 'install-packages': ['a'] }),
        options({ 'no-overrides': true, 'no-pull-base': true, 'dry-run': true }),
      ]),
      'override reset --stateroot=os --all --dry-run --install=a',
      'override install-uninstall-packages',
    ],
    [
      'UpdateDeployment that takes all layered packages out',
      update([options({}), options({ 'no-layering': true, 'no-pull-base': true, 'idempotent-layering': true })]),
      'uninstall --stateroot=os --all --assumeyes --idempotent --unchanged-exit-77',
      'install-uninstall-packages',
    ],
    [
      'UpdateDeployment that drops one kind and layers',
      update([options({ 'install-packages': ['a'] }), options({ 'no-initramfs': true })]),
      'reset --stateroot=os --initramfs --install=a',
      'bootconfig install-uninstall-packages',
    ],
    [
      'UpdateDeployment of overrides from an archive',
      update([
        options({
          treefile: '{"override-replace":[{"packages":["a","b"],"from":{"repo":"trixie-backports"}}]}',
          'override-remove-packages': ['c'],
        }),
        options({ freeze: true, 'no-pull-base': true }),
      ]),
      'override replace --stateroot=os --remove=c --experimental --from=repo=trixie-backports --freeze a b',
      'override',
    ],
    [
      'KernelArgs of another deployment, as a whole',
      boot.kernelArguments('os', (index) => (index === '1' ? 'x y' : 'a b'), [
        ...['x y', [], [], []],
        options({ 'deploy-index': '1', 'final-kernel-args': 'x z' }),
      ]),
      'kargs --stateroot=os --deploy-index=1 --set=x z --unchanged-exit-77',
      'bootconfig',
    ],
    [
      'PkgChange',
      packages.packageChange('os', false, [options({ 'idempotent-layering': true }), ['a=1', 'b:i386'], ['c']]),
      'install --stateroot=os --assumeyes --idempotent --uninstall=c a=1 b:i386 --unchanged-exit-77',
      'install-uninstall-packages',
    ],
    [
      'PkgChange that only removes',
      packages.packageChange('os', false, [options({ 'cache-only': true, reboot: true }), [], ['c']]),
      'uninstall --stateroot=os --assumeyes --reboot c --unchanged-exit-77',
      'install-uninstall-packages',
    ],
    [
      'PkgChange in the running system',
      packages.packageChange('os', false, [options({ 'apply-live': true }), ['x'], []]),
      'install --stateroot=os --assumeyes --apply-live x --unchanged-exit-77',
      'install-uninstall-packages',
    ],
    [
      'UpdateDeployment of files',
      update([
        options({ 'install-uploaded-packages': ['d'], 'uninstall-packages': ['b'] }),
        options({ 'no-pull-base': true }),
      ]),
      'install --stateroot=os --assumeyes --uninstall=b /d.deb --unchanged-exit-77',
      'install-uninstall-packages install-local-packages',
    ],
    [
      'UpdateDeployment of overrides by files',
      update([
        options({ 'override-replace-uploaded-packages': ['d'], 'override-remove-packages': ['b'] }),
        options({ 'no-pull-base': true }),
      ]),
      'override replace --stateroot=os --remove=b /d.deb',
      'override',
    ],
    [
      'ModifyYumRepo',
      packages.modifySource('os', ['debian.sources:2', new Map([['enabled', '0']])]),
      'ex sources --stateroot=os --disable=debian.sources:2',
      'repo-modify',
    ],
    [
      'RefreshMd',
      packages.refreshMetadata('os', [options({ force: true })]),
      'refresh-md --stateroot=os --force',
      'repo-refresh',
    ],
    [
      'SetInitramfsState',
      boot.initramfsState('os', [true, ['--add', 'nfs'], options({})]),
      'initramfs --stateroot=os --enable --arg=--add --arg=nfs',
      'bootconfig',
    ],
    [
      'InitramfsEtc',
      boot.initramfsEtc('os', [['/etc/x'], [], true, false, options({ reboot: true })]),
      'initramfs-etc --stateroot=os --reboot --track=/etc/x --untrack-all --unchanged-exit-77',
      'bootconfig',
    ],
  ])('%s', (_, request, argv, actions) => {
    expect(line(request)).toBe(argv);
    expect(request.actions.join(' ')).toBe(actions);
  });

  test('what is not asked for, or done anyhow, may be said', () => {
    const off = options({ 'dry-run': false, 'download-only': false, 'register-driver': '', 'no-layering': false });
    expect(line(update([options({}), off]))).toBe('upgrade --stateroot=os --unchanged-exit-77');
    const offline = options({ 'cache-only': true, 'allow-downgrade': true, 'no-pull-base': true });
    expect(line(packages.packageChange('os', false, [offline, [], ['x']]))).toContain('uninstall');
  });

  test('its title is what the client typed', () => {
    expect(base.upgrade('os', [options({ 'initiating-command-line': 'apt-ostree update' })]).title).toBe(
      'apt-ostree update',
    );
  });

  test.each(['/srv/repo:x', 'ostree-unverified-image:oci:/x', 'oci-archive:/x', 'docker-archive:/x'])(
    'a rebase to %s is for root only',
    (refspec) => {
      expect(base.rebase('os', [options({}), refspec, []])).toMatchObject({ rootOnly: true });
    },
  );

  test.each(['remote:branch', 'branch', 'ostree-unverified-registry:example.org/x', 'a'.repeat(64)])(
    '%s is for all',
    (r) => {
      expect(base.rebase('os', [options({}), r, []])).toMatchObject({ rootOnly: false });
    },
  );
});

describe('what is refused', () => {
  test.each<[string, () => unknown]>([
    ['there is no option', () => base.upgrade('os', [options({ nonsense: true })])],
    ["is of type 'b'", () => base.upgrade('os', [options({ reboot: 'yes' })])],
    ["cannot be '--sysroot=/x'", () => base.deploy('os', ['--sysroot=/x', options({})])],
    ["cannot be '-r'", () => base.rebase('os', [options({}), '-r', []])],
    ['too long', () => base.deploy('os', ['x'.repeat(5000), options({})])],
    ['there is no element', () => base.cleanup('os', [['constructor']])],
    ['at least one element', () => base.cleanup('os', [[]])],
    ['no kernel argument is changed', () => boot.kernelArguments('os', () => '', ['', [], [], [], options({})])],
    ['Conflict', () => boot.kernelArguments('os', () => 'a', ['b', ['c'], [], [], options({})])],
    ['cannot specify both', () => update([options({}), options({ 'cache-only': true, 'download-only': true })])],
    ["'skip-purge' is for a refspec", () => update([options({}), options({ 'skip-purge': true })])],
    ['nothing would change', () => update([options({}), options({ 'no-pull-base': true })])],
    ...['{}', 'null', '5', '{"override-replace":5}', '{"override-replace":[null]}', '{"packages":[]}'].map(
      (treefile): [string, () => unknown] => [
        "not in this version: 'treefile'",
        () => update([options({ treefile }), options({})]),
      ],
    ),
    ["'treefile' is no JSON", () => update([options({ treefile: '{' }), options({})])],
    [
      'is no package',
      () =>
        update([
          options({ treefile: '{"override-replace":[{"from":{"repo":"x"},"packages":["../x"]}]}' }),
          options({}),
        ]),
    ],
    [
      "'custom-origin' is for",
      () => update([options({ 'custom-origin': new Variant('(ss)', ['a', 'b']) }), options({})]),
    ],
    ["'dry-run' of another branch", () => update([options({ 'set-refspec': 'x' }), options({ 'dry-run': true })])],
    [
      'to force files',
      () => update([options({ 'set-refspec': 'x', 'install-fileoverride-uploaded-packages': ['d'] }), options({})]),
    ],
    [
      'Saved kernel arguments: c d',
      () => boot.kernelArguments('os', () => 'a', ['b', [], [], [], options({ 'final-kernel-args': 'c d' })]),
    ],
    ['with another base', () => base.downloadDeployDiff('os', ['1', ['x']])],
    ['with another base', () => base.downloadRebaseDiff('os', ['x', ['x']])],
    ['no package is named', () => packages.packageChange('os', false, [options({}), [], []])],
    ['packages of the archives only', () => packages.packageChange('os', false, [options({}), ['/root/x.deb'], []])],
    ['packages of the archives only', () => packages.packageChange('os', false, [options({}), ['file:///x'], []])],
    ['is no package', () => packages.packageChange('os', false, [options({}), ['../x'], []])],
    ['is no package', () => base.rebase('os', [options({}), 'x', ['a b']])],
    ["only 'enabled'", () => packages.modifySource('os', ['x', new Map([['uris', 'x']])])],
    ["only 'enabled'", () => packages.modifySource('os', ['x', new Map()])],
    ["'enabled' cannot be", () => packages.modifySource('os', ['x', new Map([['enabled', 'constructor']])])],
    ["cannot be '--x'", () => packages.modifySource('os', ['--x', new Map([['enabled', '1']])])],
    [
      'LockLayering=true',
      () =>
        packages.updateDeployment({ ...place, locked: true }, [options({ 'install-packages': ['x'] }), options({})]),
    ],
    ['LockLayering=true', () => packages.packageChange('os', true, [options({}), ['x'], []])],
    // what would be left out
    ["'skip-purge' of 'upgrade'", () => base.upgrade('os', [options({ 'skip-purge': true })])],
    ["'revision' of 'deploy'", () => base.deploy('os', ['1', options({ revision: '2' })])],
    ["'register-driver' of 'rebase'", () => base.rebase('os', [options({ 'register-driver': 'x' }), 'r:b', []])],
    ["'dry-run' of 'reset'", () => update([options({}), options({ 'no-initramfs': true, 'dry-run': true })])],
    ["'no-layering' of 'rebase'", () => update([options({ 'set-refspec': 'x' }), options({ 'no-layering': true })])],
    [
      "'apply-live' of 'upgrade'",
      () => update([options({ 'install-packages': ['a'] }), options({ 'apply-live': true })]),
    ],
    [
      "'freeze' of 'override'",
      () => update([options({ 'override-remove-packages': ['a'] }), options({ freeze: true, 'no-pull-base': true })]),
    ],
    ["'ex-cliwrap' of 'upgrade'", () => update([options({}), options({ 'ex-cliwrap': true })])],
    [
      "'download-only' of 'uninstall'",
      () => packages.packageChange('os', false, [options({ 'download-only': true }), [], ['x']]),
    ],
    [
      "overrides without 'no-pull-base', on a newer base",
      () => update([options({ 'override-remove-packages': ['a'] }), options({})]),
    ],
    [
      "'set-refspec' together with overrides",
      () => update([options({ 'set-refspec': 'x', 'override-remove-packages': ['a'] }), options({})]),
    ],
  ])('%s', (text, call) => {
    expect(call).toThrow(text);
  });
});

test('names become parts of object paths', () => {
  expect(['debian', 'a-b/c', 'x.y', 'ü'].map(mangle)).toEqual(['debian', 'a_b_c', 'x_2Ey', '_C3_BC']);
});

test('progress becomes signals', () => {
  const event = (more: object) =>
    JSON.stringify({ stage: 'x', phase: 'import', unit: 'items', done: 1, total: 4, ...more });
  expect(progressSignals(event({ type: 'begin' }), 0)).toEqual([['TaskBegin', 'Importing packages']]);
  expect(progressSignals(event({ type: 'progress' }), 1)).toEqual([['PercentProgress', 'Importing packages', 25]]);
  expect(progressSignals(event({ type: 'progress', total: null }), 1)).toEqual([]);
  expect(progressSignals(event({ type: 'progress', unit: 'bytes', done: 500 }), 2)[0]?.at(-1)).toEqual([500n, 250n]);
  expect(progressSignals(event({ type: 'end' }), 1)).toEqual([['ProgressEnd'], ['TaskEnd', 'done']]);
  expect(progressSignals('{', 1)).toEqual([]);
});

test('members of a deployment have their types', () => {
  const types = (json: Record<string, unknown>) =>
    [...dictionary(json)].map(([key, { signature }]) => `${key}: ${signature}`);
  const json = {
    ...{ id: 'x', serial: 0, booted: true, timestamp: 1, packages: [], 'custom-origin': ['u', 'd'] },
    ...{ signatures: [[true, 'f', 3]], 'base-commit-meta': { a: [1, 'x'], b: null }, 'base-removals': [['n', 'n']] },
  };
  expect(types(json)).toEqual([
    ...['id: s', 'serial: i', 'booted: b', 'timestamp: t', 'packages: as', 'custom-origin: (ss)'],
    ...['signatures: av', 'base-commit-meta: a{sv}', 'base-removals: av'],
  ]);
  const signatures = dictionary(json).get('signatures')?.value as Variant[];
  expect(signatures[0]).toEqual(new Variant('(bsx)', [true, 'f', 3n]));
});
