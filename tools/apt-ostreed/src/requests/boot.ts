import { invalidArguments } from '@apt-ostree/dbus';
import { failure, notYet } from '../names.ts';
import { Options, repeated, texts, words } from './arguments.ts';
import { at } from './base.ts';
import { type Request, request } from './request.ts';

const BOOT = { reboot: 'b', 'lock-finalization': 'b', 'initiating-command-line': 's' } as const;

/** `kargs`. @param current the arguments of the deployment that the change builds on */
export function kernelArguments(
  stateroot: string,
  current: string,
  [existing, added, replaced, removed, given]: unknown[],
): Request {
  const options = new Options(given, {
    ...BOOT,
    'append-if-missing': 'as',
    'delete-if-present': 'as',
    'final-kernel-args': 's',
  });
  if (options.has('final-kernel-args')) throw notYet("'final-kernel-args'");
  if (existing !== '' && existing !== current)
    throw failure(
      'Failed',
      'Conflict: bootloader configuration changed: the kernel arguments are not those that were given',
    );
  const edits = [
    ...repeated('append', texts('kernel_args_added', added)),
    ...repeated('replace', texts('kernel_args_replaced', replaced)),
    ...repeated('delete', texts('kernel_args_removed', removed)),
    ...repeated('append-if-missing', options.texts('append-if-missing')),
    ...repeated('delete-if-present', options.texts('delete-if-present')),
  ];
  if (edits.length === 0) throw invalidArguments('no kernel argument is changed');
  const argv = ['kargs', ...at(stateroot), ...options.flags('reboot', 'lock-finalization'), ...edits];
  return request(
    'KernelArgs',
    [...argv, '--unchanged-exit-77'],
    ['bootconfig'],
    options.text('initiating-command-line'),
  );
}

/** `initramfs`. */
export function initramfsState(stateroot: string, [regenerate, args, given]: unknown[]): Request {
  const options = new Options(given, BOOT);
  const what = regenerate === true ? ['--enable', ...repeated('arg', texts('args', args))] : ['--disable'];
  const argv = ['initramfs', ...at(stateroot), ...what, ...options.flags('reboot', 'lock-finalization')];
  return request('SetInitramfsState', argv, ['bootconfig'], options.text('initiating-command-line'));
}

/** `initramfs-etc`. */
export function initramfsEtc(stateroot: string, [track, untrack, all, force, given]: unknown[]): Request {
  const options = new Options(given, BOOT);
  const argv = [
    ...['initramfs-etc', ...at(stateroot), ...options.flags('reboot', 'lock-finalization')],
    ...repeated('track', words('track', track)),
    ...repeated('untrack', words('untrack', untrack)),
    ...(all === true ? ['--untrack-all'] : []),
    ...(force === true ? ['--force-sync'] : []),
  ];
  return request('InitramfsEtc', argv, ['bootconfig'], options.text('initiating-command-line'));
}
