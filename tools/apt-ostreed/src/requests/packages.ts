import { invalidArguments } from '@apt-ostree/dbus';
import { failure, notYet } from '../names.ts';
import { Options, repeated, word, words } from './arguments.ts';
import { at, deploy, rebase, upgrade } from './base.ts';
import { type Request, request } from './request.ts';

const CHANGE = {
  reboot: 'b',
  'allow-downgrade': 'b',
  'skip-purge': 'b',
  'skip-branch-check': 'b',
  'no-pull-base': 'b',
  'dry-run': 'b',
  'register-driver': 's',
  'no-layering': 'b',
  'no-overrides': 'b',
  'no-initramfs': 'b',
  'cache-only': 'b',
  'download-only': 'b',
  'allow-inactive': 'b',
  'idempotent-layering': 'b',
  'lock-finalization': 'b',
  'apply-live': 'b',
  'ex-cliwrap': 'b',
  'initiating-command-line': 's',
} as const;

const FLAGS = ['reboot', 'dry-run', 'cache-only', 'download-only', 'allow-inactive', 'lock-finalization', 'apply-live'];

/** `install` and `uninstall`. */
export function packageChange(stateroot: string, locked: boolean, [given, added, removed]: unknown[]): Request {
  const options = new Options(given, CHANGE);
  return layered(
    'PkgChange',
    stateroot,
    locked,
    options,
    words('packages_added', added),
    words('packages_removed', removed),
  );
}

function layered(
  method: string,
  stateroot: string,
  locked: boolean,
  options: Options,
  added: readonly string[],
  removed: readonly string[],
): Request {
  if (added.length + removed.length === 0) throw invalidArguments('no package is named');
  if (locked) throw failure('Failed', "layering is locked: 'LockLayering' in the configuration of the daemon");
  const flags = [...options.flags(...FLAGS), ...(options.is('idempotent-layering') ? ['--idempotent'] : [])];
  const argv =
    added.length > 0
      ? ['install', ...at(stateroot), '--assumeyes', ...flags, ...repeated('uninstall', removed), ...added]
      : ['uninstall', ...at(stateroot), '--assumeyes', ...flags.filter((f) => UNINSTALL.includes(f)), ...removed];
  const title = options.text('initiating-command-line');
  return request(method, [...argv, '--unchanged-exit-77'], ['install-uninstall-packages'], title);
}

const UNINSTALL = ['--reboot', '--dry-run', '--allow-inactive', '--idempotent', '--lock-finalization'];

const MODIFIERS = {
  'set-refspec': 's',
  'set-revision': 's',
  'install-packages': 'as',
  'uninstall-packages': 'as',
  'install-local-packages': 'ah',
  'install-fileoverride-packages': 'as',
  'install-fileoverride-local-packages': 'ah',
  'override-remove-packages': 'as',
  'override-reset-packages': 'as',
  'override-replace-packages': 'as',
  'override-replace-local-packages': 'ah',
  'custom-origin': '(ss)',
  treefile: 's',
  'ex-local-repo-remote': 'h',
} as const;

/** Members of the reference that need a file descriptor, or a form that is not there. */
const REFUSED = [
  'install-local-packages',
  'install-fileoverride-packages',
  'install-fileoverride-local-packages',
  'override-replace-local-packages',
  'treefile',
  'ex-local-repo-remote',
];

/** The one method that can do what several others do. */
export function updateDeployment(stateroot: string, locked: boolean, [modifiers, given]: unknown[]): Request {
  const change = new Options(modifiers, MODIFIERS);
  const options = new Options(given, CHANGE);
  for (const name of REFUSED) if (change.has(name)) throw notYet(`'${name}'`);
  refuseContradictions(change, options);
  const [added, removed] = [change.texts('install-packages'), change.texts('uninstall-packages')];
  const overrides = ['remove', 'reset', 'replace'].filter((kind) => change.has(`override-${kind}-packages`));
  const title = options.text('initiating-command-line');
  if (overrides.length > 0) return override(stateroot, change, options, overrides, title);
  if (change.has('set-refspec') || change.has('set-revision')) return base(stateroot, change, given);
  if (added.length + removed.length > 0)
    return layered(
      'UpdateDeployment',
      stateroot,
      locked,
      options,
      words('install-packages', added),
      words('uninstall-packages', removed),
    );
  const dropped = [
    ...(options.is('no-layering') ? ['--overlays'] : []),
    ...(options.is('no-overrides') ? ['--overrides'] : []),
    ...(options.is('no-initramfs') ? ['--initramfs'] : []),
  ];
  if (dropped.length > 0) return reset(stateroot, options, dropped, title);
  if (options.is('no-pull-base')) throw invalidArguments('nothing would change');
  return { ...upgrade(stateroot, [only(given, BASE_OPTIONS)]), method: 'UpdateDeployment' };
}

function refuseContradictions(change: Options, options: Options): void {
  const both = (a: boolean, b: boolean, text: string) => {
    if (a && b) throw invalidArguments(text);
  };
  const base = change.has('set-refspec') || change.has('set-revision');
  if (options.is('skip-purge') && !change.has('set-refspec')) throw invalidArguments("'skip-purge' is for a refspec");
  both(options.is('no-pull-base'), base, "cannot specify both 'no-pull-base' and another base");
  both(options.is('cache-only'), options.is('download-only'), "cannot specify both 'cache-only' and 'download-only'");
  both(options.is('dry-run'), options.is('download-only'), "cannot specify both 'dry-run' and 'download-only'");
  both(options.is('apply-live'), options.is('reboot'), "cannot specify both 'apply-live' and 'reboot'");
  for (const kind of ['remove', 'reset', 'replace'])
    both(
      options.is('no-overrides'),
      change.has(`override-${kind}-packages`),
      "cannot specify both 'no-overrides' and overrides",
    );
}

const BASE_OPTIONS = [
  'reboot',
  'allow-downgrade',
  'cache-only',
  'download-only',
  'skip-purge',
  'skip-branch-check',
  'lock-finalization',
  'register-driver',
  'initiating-command-line',
];

const only = (given: unknown, names: readonly string[]) =>
  new Map([...(given as Map<string, unknown>)].filter(([name]) => names.includes(name)));

/** Another base, and packages with it. */
function base(stateroot: string, change: Options, given: unknown): Request {
  const options = only(given, BASE_OPTIONS);
  const [added, removed] = [
    words('install-packages', change.texts('install-packages')),
    change.texts('uninstall-packages'),
  ];
  if (removed.length > 0) throw notYet("'uninstall-packages' with another base");
  const [refspec, revision] = [change.text('set-refspec'), change.text('set-revision')];
  const found =
    refspec === undefined ? deploy(stateroot, [revision, options]) : rebase(stateroot, [options, refspec, added]);
  const more =
    refspec === undefined ? repeated('install', added) : revision === undefined ? [] : [word('set-revision', revision)];
  const layering = added.length > 0 ? (['install-uninstall-packages'] as const) : [];
  return {
    ...found,
    ...{ method: 'UpdateDeployment', argv: [...found.argv, ...more] },
    actions: [...found.actions, ...layering],
  };
}

function override(
  stateroot: string,
  change: Options,
  options: Options,
  kinds: string[],
  title: string | undefined,
): Request {
  const [kind = '', ...others] = kinds;
  if (others.length > 0) throw notYet('overrides of several kinds at once');
  const packages = words('packages', change.texts(`override-${kind}-packages`));
  const argv = [
    'override',
    kind,
    ...at(stateroot),
    ...options.flags('reboot', 'dry-run', 'cache-only', 'lock-finalization'),
  ];
  return request('UpdateDeployment', [...argv, ...packages], ['override'], title);
}

function reset(stateroot: string, options: Options, dropped: string[], title: string | undefined): Request {
  const argv = ['reset', ...at(stateroot), ...dropped, ...options.flags('reboot', 'lock-finalization')];
  const actions = [
    ...(options.is('no-layering') ? (['install-uninstall-packages'] as const) : []),
    ...(options.is('no-overrides') ? (['override'] as const) : []),
    ...(options.is('no-initramfs') ? (['bootconfig'] as const) : []),
  ];
  return request('UpdateDeployment', argv, actions, title);
}

/** `refresh-md`. */
export function refreshMetadata(stateroot: string, [given]: unknown[]): Request {
  const options = new Options(given, { force: 'b', 'initiating-command-line': 's' });
  return request('RefreshMd', ['refresh-md', ...at(stateroot), ...options.flags('force')], ['repo-refresh']);
}

/** `apply-live`. */
export function applyLive([given]: unknown[]): Request {
  const options = new Options(given, { target: 's', replace: 'b' });
  const target = options.text('target');
  const argv = [...(options.is('replace') ? ['--allow-replacement'] : []), ...(target ? [`--target=${target}`] : [])];
  return request('LiveFs', ['apply-live', ...argv], ['override']);
}
