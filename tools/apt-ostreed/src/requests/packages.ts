import { invalidArguments, Variant } from '@apt-ostree/dbus';
import { failure, notYet } from '../names.ts';
import { Options, packageNames, repeated, word } from './arguments.ts';
import { at, deploy, rebase, upgrade } from './base.ts';
import { type Argv, type Request, request } from './request.ts';

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
  return layered('PkgChange', stateroot, locked, options, {
    ...{ added: packageNames('packages_added', added), removed: packageNames('packages_removed', removed) },
    ...{ files: [], forced: false },
  });
}

/** What is layered, and what no longer. */
interface Layering {
  added: readonly string[];
  removed: readonly string[];
  /** Files that were sent, as the daemon keeps them. */
  files: readonly string[];
  /** Their files may replace those of other packages. */
  forced: boolean;
}

function layered(
  method: string,
  stateroot: string,
  locked: boolean,
  options: Options,
  { added, removed, files, forced }: Layering,
): Request {
  if (added.length + removed.length + files.length === 0) throw invalidArguments('no package is named');
  const installs = added.length + files.length > 0;
  if (installs) refuseLocked(locked);
  const flags = [
    ...options.flags(...FLAGS),
    ...(options.is('idempotent-layering') ? ['--idempotent'] : []),
    ...(forced ? ['--force-replacefiles'] : []),
  ];
  const argv: Argv = installs
    ? ['install', ...at(stateroot), '--assumeyes', ...flags, ...repeated('uninstall', removed), ...added, ...files]
    : ['uninstall', ...at(stateroot), '--assumeyes', ...flags.filter((f) => UNINSTALL.includes(f)), ...removed];
  const actions = [
    ...(added.length + removed.length > 0 ? (['install-uninstall-packages'] as const) : []),
    ...(files.length > 0 ? (['install-local-packages'] as const) : []),
  ];
  const made = request(method, [...argv, '--unchanged-exit-77'], actions, options.text('initiating-command-line'));
  return { ...made, live: argv.includes('--apply-live') };
}

function refuseLocked(locked: boolean): void {
  if (locked) throw failure('Failed', "layering is locked: 'LockLayering' in the configuration of the daemon");
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
  'install-uploaded-packages': 'as',
  'install-fileoverride-uploaded-packages': 'as',
  'override-replace-uploaded-packages': 'as',
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

/**
 * The one method that can do what several others do.
 * @param uploaded the file of a digest that its sender sent before
 */
export function updateDeployment(
  stateroot: string,
  locked: boolean,
  [modifiers, given]: unknown[],
  uploaded: (sha256: string) => string = () => '',
): Request {
  const change = new Options(modifiers, MODIFIERS);
  const options = new Options(given, CHANGE);
  for (const name of REFUSED) if (change.has(name)) throw notYet(`'${name}'`);
  refuseContradictions(change, options);
  const [added, removed] = [change.texts('install-packages'), change.texts('uninstall-packages')];
  const sent = (name: string) => change.texts(`${name}-uploaded-packages`).map(uploaded);
  const [files, forced] = [sent('install'), sent('install-fileoverride')];
  const title = options.text('initiating-command-line');
  const layering = added.length + removed.length > 0;
  if (added.length > 0) refuseLocked(locked);
  const kinds = ['remove', 'reset', 'replace'].filter(
    (kind) => change.has(`override-${kind}-packages`) || change.has(`override-${kind}-uploaded-packages`),
  );
  if (kinds.length > 0) return override(stateroot, change, options, kinds, sent('override-replace'), title);
  if (files.length > 0 && forced.length > 0) throw invalidArguments('files are forced all, or none');
  const ofLayer = () =>
    layered('UpdateDeployment', stateroot, locked, options, {
      ...{ added: packageNames('install-packages', added), removed: packageNames('uninstall-packages', removed) },
      ...{ files: [...files, ...forced], forced: forced.length > 0 },
    });
  if (files.length + forced.length > 0) return ofLayer();
  if (change.has('set-refspec') || change.has('set-revision')) return base(stateroot, change, given);
  if (layering && options.is('no-pull-base')) return ofLayer();
  const dropped = [
    ...(options.is('no-layering') ? ['--overlays'] : []),
    ...(options.is('no-overrides') ? ['--overrides'] : []),
    ...(options.is('no-initramfs') ? ['--initramfs'] : []),
  ];
  if (dropped.length > 0) return reset(stateroot, options, dropped, title);
  if (options.is('no-pull-base')) throw invalidArguments('nothing would change');
  return withPackages(upgrade(stateroot, [only(given, BASE_OPTIONS)]), added, removed);
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
  new Map([...(given as Map<string, Variant>)].filter(([name]) => names.includes(name)));

/** Another base, and packages with it. */
function base(stateroot: string, change: Options, given: unknown): Request {
  const options = only(given, BASE_OPTIONS);
  const [refspec, revision] = [change.text('set-refspec'), change.text('set-revision')];
  const [added, removed] = [change.texts('install-packages'), change.texts('uninstall-packages')];
  if (refspec === undefined) return withPackages(deploy(stateroot, [revision, options]), added, removed);
  if (revision !== undefined) options.set('revision', new Variant('s', revision));
  return withPackages(rebase(stateroot, [options, refspec, []]), added, removed);
}

/** A change of the base that also changes what is layered on it. */
function withPackages(request: Request, added: readonly string[], removed: readonly string[]): Request {
  const more = [
    ...repeated('install', packageNames('install-packages', added)),
    ...repeated('uninstall', packageNames('uninstall-packages', removed)),
  ];
  const layering = more.length > 0 ? (['install-uninstall-packages'] as const) : [];
  return {
    ...request,
    ...{ method: 'UpdateDeployment', argv: [...request.argv, ...more] },
    actions: [...request.actions, ...layering],
  };
}

function override(
  stateroot: string,
  change: Options,
  options: Options,
  kinds: string[],
  files: readonly string[],
  title: string | undefined,
): Request {
  if (change.has('override-replace-packages'))
    throw notYet("'override-replace-packages': packages that replace are sent as files");
  const of = (name: string) => packageNames(name, change.texts(name));
  const [remove, back] = [of('override-remove-packages'), of('override-reset-packages')];
  if (back.length > 0 && kinds.length > 1) throw notYet('to take overrides back and to make some at once');
  const [added, removed] = [of('install-packages'), of('uninstall-packages')];
  const flags = [
    ...options.flags('reboot', 'dry-run', 'cache-only', 'lock-finalization'),
    ...repeated('install', added),
    ...repeated('uninstall', removed),
  ];
  const words =
    files.length > 0
      ? ['replace', ...at(stateroot), ...flags, ...repeated('remove', remove), ...files]
      : [kinds[0] as string, ...at(stateroot), ...flags, ...remove, ...back];
  const layering = added.length + removed.length > 0 ? (['install-uninstall-packages'] as const) : [];
  return request('UpdateDeployment', ['override', ...words], ['override', ...layering], title);
}

function reset(stateroot: string, options: Options, dropped: string[], title: string | undefined): Request {
  const argv: Argv = ['reset', ...at(stateroot), ...dropped, ...options.flags('reboot', 'lock-finalization')];
  const actions = [
    ...(options.is('no-layering') ? (['install-uninstall-packages'] as const) : []),
    ...(options.is('no-overrides') ? (['override'] as const) : []),
    ...(options.is('no-initramfs') ? (['bootconfig'] as const) : []),
  ];
  return request('UpdateDeployment', argv, actions, title);
}

const TRUTH: Record<string, 'enable' | 'disable'> = { 0: 'disable', 1: 'enable', no: 'disable', yes: 'enable' };

/** `ex sources`: of a source of Debian's, `enabled` is the one setting that can be changed without knowing the rest. */
export function modifySource(stateroot: string, [id, settings]: unknown[]): Request {
  const name = word('id', id);
  const [[key, value] = ['', ''], ...others] = settings as Map<string, string>;
  if (key !== 'enabled' || others.length > 0) throw invalidArguments("of a source only 'enabled' can be set");
  const option = Object.hasOwn(TRUTH, value) ? TRUTH[value] : undefined;
  if (option === undefined) throw invalidArguments(`'enabled' cannot be '${value.slice(0, 40)}': it is 0 or 1`);
  return request('ModifyYumRepo', ['ex', 'sources', ...at(stateroot), `--${option}=${name}`], ['repo-modify']);
}

/** `refresh-md`. */
export function refreshMetadata(stateroot: string, [given]: unknown[]): Request {
  const options = new Options(given, { force: 'b', 'initiating-command-line': 's' });
  return request('RefreshMd', ['refresh-md', ...at(stateroot), ...options.flags('force')], ['repo-refresh']);
}
