import { isDeepStrictEqual } from 'node:util';
import { invalidArguments, Variant } from '@apt-ostree/dbus';
import { layeringLocked } from '@apt-ostree/host';
import type { Action } from '../authorize.ts';
import { failure, notYet } from '../names.ts';
import { Options, packageNames, repeated, text, word } from './arguments.ts';
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
  freeze: 'b',
  'initiating-command-line': 's',
} as const;

const FLAGS = ['reboot', 'dry-run', 'cache-only', 'download-only', 'allow-inactive', 'lock-finalization', 'apply-live'];

/** `install` and `uninstall`. */
export function packageChange(stateroot: string, locked: boolean, [given, added, removed]: unknown[]): Request {
  const options = new Options(given, CHANGE);
  const made = layered('PkgChange', stateroot, locked, options, {
    ...{ added: packageNames('packages_added', added), removed: packageNames('packages_removed', removed) },
    ...{ files: [], forced: false },
  });
  options.requireAllIn(made.argv);
  return made;
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

function layered(method: string, stateroot: string, locked: boolean, options: Options, layering: Layering): Request {
  const { added, removed, files, forced } = layering;
  if (added.length + removed.length + files.length === 0) throw invalidArguments('no package is named');
  if (addsTo(layering)) refuseLocked(locked);
  const flags = [
    ...options.flags(...FLAGS),
    ...(options.is('idempotent-layering') ? ['--idempotent'] : []),
    ...(forced ? ['--force-replacefiles'] : []),
  ];
  const argv: Argv = addsTo(layering)
    ? ['install', ...at(stateroot), '--assumeyes', ...flags, ...repeated('uninstall', removed), ...added, ...files]
    : ['uninstall', ...at(stateroot), '--assumeyes', ...flags.filter((f) => UNINSTALL.includes(f)), ...removed];
  const title = options.text('initiating-command-line');
  const made = request(method, [...argv, '--unchanged-exit-77'], actionsOf(layering), title);
  return { ...made, live: argv.includes('--apply-live') };
}

const addsTo = ({ added, files }: Layering): boolean => added.length + files.length > 0;

const actionsOf = ({ added, removed, files }: Layering): Action[] => [
  ...(added.length + removed.length > 0 ? (['install-uninstall-packages'] as const) : []),
  ...(files.length > 0 ? (['install-local-packages'] as const) : []),
];

/** As options of commands that do something else too. */
const asOptions = ({ added, removed, files }: Layering): string[] => [
  ...repeated('install', [...added, ...files]),
  ...repeated('uninstall', removed),
];

function refuseLocked(locked: boolean): void {
  if (locked) throw failure('LayeringLocked', layeringLocked().message);
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
  'ex-local-repo-remote',
];

/** Where a change is made, and by whom. */
export interface Place {
  stateroot: string;
  /** Nobody may layer. */
  locked: boolean;
  /** The file of a digest that its sender sent before. */
  uploaded(sha256: string): string;
  /** The unit of systemd in which the client runs. */
  unit: string | undefined;
}

/** The one method that can do what several others do. */
export function updateDeployment(place: Place, [modifiers, given]: unknown[]): Request {
  const options = new Options(given, CHANGE);
  const made = updated(place, new Options(modifiers, MODIFIERS), options, given);
  options.requireAllIn(made.argv);
  return made;
}

function updated(place: Place, change: Options, options: Options, given: unknown): Request {
  const { stateroot, locked } = place;
  for (const name of REFUSED) if (change.has(name)) throw notYet(`'${name}'`);
  refuseContradictions(change, options);
  const layering = layeringOf(change, place);
  if (addsTo(layering)) refuseLocked(locked);
  const overriding = override(place, change, options, layering);
  if (overriding) return overriding;
  const base = change.has('set-refspec') || change.has('set-revision');
  if (!options.is('no-pull-base') || base) {
    const dropping = droppedBy(options);
    if (dropping.length > 0 && !base) return reset(stateroot, options, dropping, layering);
    return withLayering(baseOf(place, change, options, given), layering);
  }
  const [dropped, ...more] = droppedBy(options);
  if (dropped !== undefined)
    return more.length > 0 || dropped === '--initramfs'
      ? reset(stateroot, options, [dropped, ...more], layering)
      : dropAll(stateroot, options, dropped, layering);
  if (!addsTo(layering) && layering.removed.length === 0) throw invalidArguments('nothing would change');
  return layered('UpdateDeployment', stateroot, locked, options, layering);
}

function layeringOf(change: Options, { uploaded }: Place): Layering {
  const sent = (name: string) => change.texts(`${name}-uploaded-packages`).map(uploaded);
  const [files, forced] = [sent('install'), sent('install-fileoverride')];
  if (files.length > 0 && forced.length > 0) throw invalidArguments('files are forced all, or none');
  return {
    added: packageNames('install-packages', change.texts('install-packages')),
    removed: packageNames('uninstall-packages', change.texts('uninstall-packages')),
    files: [...files, ...forced],
    forced: forced.length > 0,
  };
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
      change.has(`override-${kind}-packages`) || change.has(`override-${kind}-uploaded-packages`),
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

/** The newest of the branch, or another base. */
function baseOf({ stateroot, unit }: Place, change: Options, all: Options, given: unknown): Request {
  const options = only(given, BASE_OPTIONS);
  const [refspec, revision] = [change.text('set-refspec'), change.text('set-revision')];
  if (refspec !== undefined) {
    if (all.is('dry-run')) throw notYet("'dry-run' of another branch");
    if (revision !== undefined) options.set('revision', new Variant('s', revision));
    const origin = change.pair('custom-origin');
    if (origin !== undefined) options.set('custom-origin', new Variant('(ss)', origin));
    return rebase(stateroot, [options, refspec, []]);
  }
  if (change.has('custom-origin')) throw invalidArguments("'custom-origin' is for a refspec");
  const made = revision === undefined ? upgrade(stateroot, [options]) : deploy(stateroot, [revision, options], unit);
  return all.is('dry-run') ? { ...made, argv: [...made.argv, '--preview'] } : made;
}

/** A change of the base that also changes what is layered on it. */
function withLayering(request: Request, layering: Layering): Request {
  refuseForced(layering);
  const argv: Argv = [...request.argv, ...asOptions(layering)];
  return { ...request, method: 'UpdateDeployment', argv, actions: [...request.actions, ...actionsOf(layering)] };
}

function refuseForced({ forced }: Layering): void {
  if (forced) throw notYet('to force files together with another change than of what is layered');
}

/** What is said of packages of the base; undefined where nothing is. */
function override(place: Place, change: Options, options: Options, layering: Layering): Request | undefined {
  if (change.has('override-replace-packages'))
    throw notYet("'override-replace-packages': packages that replace are sent as files");
  const of = (name: string) => packageNames(name, change.texts(name));
  const [remove, back] = [of('override-remove-packages'), of('override-reset-packages')];
  const files = change.texts('override-replace-uploaded-packages').map(place.uploaded);
  const archive = change.text('treefile');
  const named = archive === undefined ? undefined : replacements(archive);
  const replacing = files.length > 0 || named !== undefined;
  if (remove.length + back.length === 0 && !replacing) return undefined;
  if (back.length > 0 && (remove.length > 0 || replacing))
    throw notYet('to take overrides back and to make some at once');
  for (const base of ['set-refspec', 'set-revision', 'custom-origin'])
    if (change.has(base)) throw notYet(`'${base}' together with overrides`);
  if (!options.is('no-pull-base')) throw notYet("overrides without 'no-pull-base', on a newer base");
  refuseForced(layering);
  const flags = [...options.flags(...OVERRIDING), ...asOptions(layering)];
  const from = named ? ['--experimental', `--from=repo=${named.repo}`, ...options.flags('freeze')] : [];
  const words = replacing
    ? ['replace', ...at(place.stateroot), ...flags, ...repeated('remove', remove), ...from, ...files]
    : [back.length > 0 ? 'reset' : 'remove', ...at(place.stateroot), ...flags, ...remove, ...back];
  const argv: Argv = ['override', ...words, ...(named?.packages ?? [])];
  const title = options.text('initiating-command-line');
  return request('UpdateDeployment', argv, ['override', ...actionsOf(layering)], title);
}

const OVERRIDING = ['reboot', 'dry-run', 'cache-only', 'lock-finalization'];

interface Replacement {
  from?: { repo?: unknown } | null;
  packages?: unknown;
}

/** Packages of an archive that replace those of the base, in the one form of a treefile that clients send. */
function replacements(treefile: string): { repo: string; packages: string[] } {
  const given = parse(treefile) as { 'override-replace'?: Record<number, Replacement | null> } | null;
  const { from, packages } = given?.['override-replace']?.[0] ?? {};
  const repo = from?.repo;
  const isAll = isDeepStrictEqual(given, { 'override-replace': [{ from: { repo }, packages }] });
  if (!isAll || typeof repo !== 'string' || !/^[^,;\p{C}]+$/u.test(repo))
    throw notYet("'treefile' that is not one 'override-replace' from one 'repo'");
  const names = packageNames('override-replace', packages);
  if (names.length === 0) throw invalidArguments('no package is named');
  return { repo: text('repo', repo), packages: names };
}

function parse(treefile: string): unknown {
  try {
    return JSON.parse(treefile);
  } catch {
    throw invalidArguments("'treefile' is no JSON");
  }
}

const droppedBy = (options: Options): ('--overlays' | '--overrides' | '--initramfs')[] => [
  ...(options.is('no-layering') ? (['--overlays'] as const) : []),
  ...(options.is('no-overrides') ? (['--overrides'] as const) : []),
  ...(options.is('no-initramfs') ? (['--initramfs'] as const) : []),
];

const DROPPING = {
  '--overlays': ['install-uninstall-packages'],
  '--overrides': ['override'],
  '--initramfs': ['bootconfig'],
} as const;

function reset(
  stateroot: string,
  options: Options,
  dropped: readonly (keyof typeof DROPPING)[],
  layering: Layering,
): Request {
  const argv: Argv = ['reset', ...at(stateroot), ...dropped, ...options.flags('reboot', 'lock-finalization')];
  const actions = dropped.flatMap((kind) => DROPPING[kind]);
  const made = request('UpdateDeployment', argv, actions, options.text('initiating-command-line'));
  return withLayering(made, layering);
}

/** `uninstall --all` and `override reset --all`: as `reset`, with the options of those. */
function dropAll(stateroot: string, options: Options, kind: '--overlays' | '--overrides', layering: Layering): Request {
  const ofLayer = [
    ...options.flags('reboot', 'dry-run', 'allow-inactive', 'lock-finalization'),
    ...(options.is('idempotent-layering') ? ['--idempotent'] : []),
    '--unchanged-exit-77',
  ];
  const argv: Argv =
    kind === '--overrides'
      ? ['override', 'reset', ...at(stateroot), '--all', ...options.flags(...OVERRIDING)]
      : ['uninstall', ...at(stateroot), '--all', '--assumeyes', ...ofLayer];
  if (kind === '--overlays' && layering.removed.length > 0)
    throw invalidArguments("cannot specify both 'no-layering' and packages to remove");
  const made = request('UpdateDeployment', argv, DROPPING[kind], options.text('initiating-command-line'));
  return withLayering(made, layering);
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
  const argv: Argv = ['refresh-md', ...at(stateroot), ...options.flags('force')];
  return request('RefreshMd', argv, ['repo-refresh'], options.text('initiating-command-line'));
}
