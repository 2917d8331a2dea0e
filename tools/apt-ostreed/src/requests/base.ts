import { invalidArguments } from '@apt-ostree/dbus';
import { notYet } from '../names.ts';
import { Options, packageNames, repeated, text, word, words } from './arguments.ts';
import { type Argv, type Request, request } from './request.ts';

/** Of every method that changes the base. */
const BASE = {
  reboot: 'b',
  'allow-downgrade': 'b',
  'cache-only': 'b',
  'download-only': 'b',
  'skip-purge': 'b',
  'skip-branch-check': 'b',
  'lock-finalization': 'b',
  'register-driver': 's',
  'custom-origin': '(ss)',
  revision: 's',
  'initiating-command-line': 's',
} as const;

const COMMON = ['reboot', 'cache-only', 'download-only', 'lock-finalization'];

/** `upgrade`, as D-Bus has it. */
export function upgrade(stateroot: string, [given]: unknown[]): Request {
  const options = new Options(given, BASE);
  const argv: Argv = ['upgrade', ...at(stateroot), ...options.flags(...COMMON, 'allow-downgrade')];
  options.requireAllIn(argv);
  return request('Upgrade', [...argv, '--unchanged-exit-77'], ['upgrade'], options.text('initiating-command-line'));
}

/**
 * `deploy`: a downgrade is allowed unless the client says otherwise.
 * @param unit of systemd, in which the client runs
 */
export function deploy(stateroot: string, [revision, given]: unknown[], unit?: string): Request {
  const options = new Options(given, BASE);
  const driver = options.text('register-driver');
  const argv: Argv = [
    'deploy',
    ...at(stateroot),
    ...options.flags(...COMMON, 'skip-branch-check'),
    ...disallow(options),
    ...(driver ? [`--register-driver=${driver}`, `--driver-unit=${unit ?? ''}`] : []),
    ...(revision === '' && driver ? [] : [word('revision', revision)]),
  ];
  options.requireAllIn(argv);
  return request('Deploy', [...argv, '--unchanged-exit-77'], ['deploy'], options.text('initiating-command-line'));
}

/** `rebase`: a repository of this machine is opened for root only. */
export function rebase(stateroot: string, [given, refspec, packages]: unknown[]): Request {
  const options = new Options(given, BASE);
  const [url, description] = options.pair('custom-origin') ?? [];
  const revision = options.text('revision');
  const argv: Argv = [
    'rebase',
    ...at(stateroot),
    ...options.flags(...COMMON, 'skip-purge'),
    ...disallow(options),
    ...(url === undefined ? [] : [`--custom-origin-url=${url}`, `--custom-origin-description=${description}`]),
    ...repeated('install', packageNames('packages', packages)),
    word('refspec', refspec),
    ...(revision ? [word('revision', revision)] : []),
  ];
  options.requireAllIn(argv);
  const rootOnly = LOCAL.test(text('refspec', refspec));
  return { ...request('Rebase', argv, ['rebase'], options.text('initiating-command-line')), rootOnly };
}

/** A path of a repository, or an image that is a file. */
const LOCAL = /^\/|(^|:)(oci|oci-archive|docker-archive|dir|containers-storage|file):/;

/** Only a client that names the option gets a refusal: rpm-ostree's daemon allows downgrades there. */
const disallow = (options: Options): string[] =>
  options.has('allow-downgrade') && !options.is('allow-downgrade') ? ['--disallow-downgrade'] : [];

export const at = (stateroot: string): string[] => [`--stateroot=${stateroot}`];

export function rollback(stateroot: string, [given]: unknown[]): Request {
  const options = new Options(given, { reboot: 'b', 'initiating-command-line': 's' });
  const argv: Argv = ['rollback', ...at(stateroot), ...options.flags('reboot')];
  return request('Rollback', argv, ['rollback'], options.text('initiating-command-line'));
}

export function clearRollbackTarget(stateroot: string, [given]: unknown[]): Request {
  const options = new Options(given, { reboot: 'b', 'initiating-command-line': 's' });
  if (options.is('reboot')) throw invalidArguments("'reboot' makes no sense here");
  const argv: Argv = ['cleanup', ...at(stateroot), '--rollback'];
  return request('ClearRollbackTarget', argv, ['rollback'], options.text('initiating-command-line'));
}

const ELEMENTS: Record<string, string> = {
  base: '--base',
  'pending-deploy': '--pending',
  'rollback-deploy': '--rollback',
  repomd: '--repomd',
};

export function cleanup(stateroot: string, [elements]: unknown[]): Request {
  const options = words('elements', elements).map((name) => {
    const option = Object.hasOwn(ELEMENTS, name) ? ELEMENTS[name] : undefined;
    if (option === undefined) throw invalidArguments(`there is no element '${name.slice(0, 40)}'`);
    return option;
  });
  if (options.length === 0) throw invalidArguments('at least one element must be said');
  return request('Cleanup', ['cleanup', ...at(stateroot), ...new Set(options)], ['cleanup']);
}

export function finalizeDeployment(stateroot: string, [given]: unknown[]): Request {
  const options = new Options(given, {
    checksum: 's',
    'allow-missing-checksum': 'b',
    'allow-unlocked': 'b',
    'initiating-command-line': 's',
  });
  const checksum = options.text('checksum');
  const argv: Argv = [
    'finalize-deployment',
    ...[...at(stateroot), ...options.flags('allow-missing-checksum', 'allow-unlocked')],
    ...(checksum ? [word('checksum', checksum)] : []),
  ];
  return request('FinalizeDeployment', argv, ['finalize-deployment'], options.text('initiating-command-line'));
}

/** What a look at a newer base needs is fetched; nothing is deployed. */
export const downloadUpdateDiff = (stateroot: string): Request =>
  request('DownloadUpdateRpmDiff', ['upgrade', ...at(stateroot), '--preview'], ['repo-refresh']);

export function downloadDeployDiff(stateroot: string, [revision, packages]: unknown[]): Request {
  if (packageNames('packages', packages).length > 0) throw notYet('packages with another base');
  const argv: Argv = ['deploy', ...at(stateroot), '--preview', word('revision', revision)];
  return request('DownloadDeployRpmDiff', [...argv, '--unchanged-exit-77'], ['repo-refresh']);
}

/** The whole commit is fetched, as that is what a rebase needs next. */
export function downloadRebaseDiff(stateroot: string, [refspec, packages]: unknown[]): Request {
  if (packageNames('packages', packages).length > 0) throw notYet('packages with another base');
  const argv: Argv = ['rebase', ...at(stateroot), '--download-only', '--skip-purge', word('refspec', refspec)];
  return { ...request('DownloadRebaseRpmDiff', argv, ['repo-refresh']), rootOnly: LOCAL.test(argv.at(-1) as string) };
}
