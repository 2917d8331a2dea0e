import { editedArguments, importedArguments } from '../../kargs/apart.ts';
import type { KargsArgs } from '../../kargs/command.ts';
import {
  type Args,
  type Call,
  call,
  type Entry,
  flags,
  isUnset,
  list,
  lists,
  only,
  telling,
  UNCHANGED,
} from './call.ts';

const BOOT = ['reboot', 'lock-finalization'];
const EDITS = ['append', 'replace', 'delete', 'append-if-missing', 'delete-if-present'];
const SIGNATURE = 'sasasasa{sv}';

/** `kargs`: what only its client can know, what is edited and which kernel runs, is a whole new line of arguments. */
export function kargs(args: Args): Call | undefined {
  const index = args['deploy-index'];
  const of: Entry[] = typeof index === 'string' ? [['deploy-index', 's', index]] : [];
  const whole = (before: string, line: string, after: readonly string[]) => {
    const final: Entry[] = [['final-kernel-args', 's', after.join(' ')], ...of];
    return [before, [], [], [], flags(args, BOOT, line, final)];
  };
  const own = args as unknown as KargsArgs;
  if (args['editor'] && only(args, 'editor', 'deploy-index', ...BOOT, ...UNCHANGED)) {
    const body = async (line: string) => {
      const { deployment, after } = await editedArguments(own);
      return whole(deployment.kernelArguments.join(' '), line, after);
    };
    return telling(args, call('KernelArgs', SIGNATURE, body));
  }
  if (args['import-proc-cmdline'] && only(args, 'import-proc-cmdline', ...EDITS, ...BOOT, ...UNCHANGED))
    return telling(
      args,
      call('KernelArgs', SIGNATURE, (line) => whole('', line, importedArguments(own))),
    );
  return edited(args, of);
}

function edited(args: Args, of: readonly Entry[]): Call | undefined {
  if (EDITS.every((name) => isUnset(args[name])) || !only(args, ...EDITS, 'deploy-index', ...BOOT, ...UNCHANGED))
    return undefined;
  const [append, replace, remove] = ['append', 'replace', 'delete'].map((name) => list(args, name));
  const more = lists(...EDITS.slice(3).map((name) => [name, list(args, name)] as [string, string[]]));
  return telling(
    args,
    call('KernelArgs', SIGNATURE, (line) => ['', append, replace, remove, flags(args, BOOT, line, [...more, ...of])]),
  );
}

/** `initramfs`. */
export function initramfs(args: Args): Call | undefined {
  if (args['enable'] === args['disable'] || !only(args, 'enable', 'disable', 'arg', ...BOOT)) return undefined;
  if (args['disable'] && list(args, 'arg').length > 0) return undefined; // the command says what is wrong
  return call('SetInitramfsState', 'basa{sv}', (line) => [
    ...[args['enable'] === true, list(args, 'arg')],
    flags(args, BOOT, line),
  ]);
}

/** `initramfs-etc`. */
export function initramfsEtc(args: Args): Call | undefined {
  const edits = ['track', 'untrack', 'untrack-all', 'force-sync'];
  if (!only(args, ...edits, ...BOOT, ...UNCHANGED) || edits.every((name) => isUnset(args[name]))) return undefined;
  const made = call('InitramfsEtc', 'asasbba{sv}', (line) => [
    ...[list(args, 'track'), list(args, 'untrack'), args['untrack-all'] === true, args['force-sync'] === true],
    flags(args, BOOT, line),
  ]);
  return telling(args, made);
}
