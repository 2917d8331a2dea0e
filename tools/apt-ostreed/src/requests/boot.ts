import { type DbusError, invalidArguments } from '@apt-ostree/dbus';
import { failure } from '../names.ts';
import { Options, repeated, texts, words } from './arguments.ts';
import { at } from './base.ts';
import { type Argv, type Request, request } from './request.ts';

const BOOT = { reboot: 'b', 'lock-finalization': 'b', 'initiating-command-line': 's' } as const;

/**
 * `kargs`; `deploy-index` is not in rpm-ostree.
 * @param current the arguments of the deployment that the change builds on, or of one by its place in the boot order
 */
export function kernelArguments(
  stateroot: string,
  current: (index: string | undefined) => string,
  [existing, added, replaced, removed, given]: unknown[],
): Request {
  const options = new Options(given, {
    ...BOOT,
    'append-if-missing': 'as',
    'delete-if-present': 'as',
    'final-kernel-args': 's',
    'deploy-index': 's',
  });
  const index = options.text('deploy-index');
  const final = options.text('final-kernel-args');
  if (existing !== '' && existing !== current(index)) throw conflict(final);
  const edits = [
    ...repeated('append', texts('kernel_args_added', added)),
    ...repeated('replace', texts('kernel_args_replaced', replaced)),
    ...repeated('delete', texts('kernel_args_removed', removed)),
    ...repeated('append-if-missing', options.texts('append-if-missing')),
    ...repeated('delete-if-present', options.texts('delete-if-present')),
  ];
  if (edits.length === 0 && final === undefined) throw invalidArguments('no kernel argument is changed');
  const wanted = final === undefined ? edits : [`--set=${final}`]; // what comes of the edits is said already
  const of = index === undefined ? [] : [`--deploy-index=${index}`];
  const argv: Argv = ['kargs', ...at(stateroot), ...of, ...options.flags('reboot', 'lock-finalization'), ...wanted];
  return request(
    'KernelArgs',
    [...argv, '--unchanged-exit-77'],
    ['bootconfig'],
    options.text('initiating-command-line'),
  );
}

/** What was edited is not lost. */
const conflict = (final: string | undefined): DbusError =>
  failure(
    'Failed',
    final === undefined
      ? 'Conflict: bootloader configuration changed: the kernel arguments are not those that were given'
      : `Conflict: bootloader configuration changed. Saved kernel arguments: ${final}`,
  );

/** `initramfs`. */
export function initramfsState(stateroot: string, [regenerate, args, given]: unknown[]): Request {
  const options = new Options(given, BOOT);
  const what = regenerate === true ? ['--enable', ...repeated('arg', texts('args', args))] : ['--disable'];
  const argv: Argv = ['initramfs', ...at(stateroot), ...what, ...options.flags('reboot', 'lock-finalization')];
  return request('SetInitramfsState', argv, ['bootconfig'], options.text('initiating-command-line'));
}

/** `initramfs-etc`. */
export function initramfsEtc(stateroot: string, [track, untrack, all, force, given]: unknown[]): Request {
  const options = new Options(given, BOOT);
  const argv: Argv = [
    'initramfs-etc',
    ...[...at(stateroot), ...options.flags('reboot', 'lock-finalization')],
    ...repeated('track', words('track', track)),
    ...repeated('untrack', words('untrack', untrack)),
    ...(all === true ? ['--untrack-all'] : []),
    ...(force === true ? ['--force-sync'] : []),
    '--unchanged-exit-77',
  ];
  return request('InitramfsEtc', argv, ['bootconfig'], options.text('initiating-command-line'));
}

/** `ex apply-live`; `reset` is not in rpm-ostree. */
export function applyLive([given]: unknown[]): Request {
  const options = new Options(given, { target: 's', replace: 'b', reset: 'b', 'initiating-command-line': 's' });
  const target = options.text('target');
  const argv: Argv = [
    ...(['ex', 'apply-live'] as const),
    ...options.flags('reset'),
    ...(options.is('replace') ? ['--allow-replacement'] : []),
    ...(target === undefined ? [] : [`--target=${target}`]),
  ];
  return { ...request('LiveFs', argv, [], options.text('initiating-command-line')), rootOnly: true, live: true };
}
