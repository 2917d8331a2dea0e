import { isFile } from '../../layer/take-file.ts';
import {
  type Args,
  type Call,
  call,
  type Entry,
  flags,
  LAYERING,
  layering,
  list,
  lists,
  only,
  telling,
  UNCHANGED,
  update,
} from './call.ts';

export const install = (args: Args): Call | undefined =>
  layer(args, list(args, 'package'), list(args, 'uninstall'), ['cache-only', 'download-only']);

export const uninstall = (args: Args): Call | undefined =>
  args['all']
    ? dropping('no-layering', args, ['reboot', 'dry-run', 'allow-inactive', 'lock-finalization'])
    : layer(args, list(args, 'install'), list(args, 'package'), []);

function layer(args: Args, added: string[], removed: string[], more: readonly string[]): Call | undefined {
  const names = ['reboot', 'dry-run', 'allow-inactive', 'lock-finalization', 'apply-live', ...more];
  const own = ['package', 'assumeyes', 'idempotent', 'force-replacefiles', ...LAYERING];
  if (added.length + removed.length === 0 || !only(args, ...own, ...names, ...UNCHANGED)) return undefined;
  if (removed.some(isFile)) return undefined; // the command says what is wrong
  const idempotent = idempotence(args);
  const change = layering(added, removed, args['force-replacefiles'] === true);
  if (change.files.length > 0) {
    const offline: Entry[] = [...idempotent, ['no-pull-base', 'b', true]];
    return telling(
      args,
      update(change.files, change.entries, (line) => flags(args, names, line, offline)),
    );
  }
  const made = call('PkgChange', 'a{sv}asas', (line) => [flags(args, names, line, idempotent), added, removed]);
  return telling(args, made);
}

const idempotence = (args: Args): Entry[] => (args['idempotent'] ? [['idempotent-layering', 'b', true]] : []);

/** Takes all of a kind back: layered packages, or overrides. */
function dropping(kind: 'no-layering' | 'no-overrides', args: Args, names: readonly string[]): Call | undefined {
  if (list(args, 'package').length > 0) return undefined; // the command says what is wrong
  if (!only(args, 'all', 'assumeyes', 'idempotent', ...LAYERING, ...names, ...UNCHANGED)) return undefined;
  const change = layering(list(args, 'install'), list(args, 'uninstall'));
  const dropped: Entry[] = [[kind, 'b', true], ['no-pull-base', 'b', true], ...idempotence(args)];
  return telling(
    args,
    update(change.files, change.entries, (line) => flags(args, names, line, dropped)),
  );
}

type Kind = 'remove' | 'reset' | 'replace';

const OVERRIDING = ['reboot', 'dry-run', 'cache-only', 'lock-finalization'];

/** Of the base's packages. */
export const override =
  (kind: Kind) =>
  (args: Args): Call | undefined => {
    if (args['all']) return dropping('no-overrides', args, OVERRIDING);
    const packages = list(args, 'package');
    const own = ['package', 'remove', 'replace', 'experimental', 'from', 'freeze', ...LAYERING];
    if (packages.length === 0 || !only(args, ...own, ...OVERRIDING)) return undefined;
    const removed = kind === 'remove' ? packages : list(args, 'remove');
    const replacing = kind === 'replace' ? packages : list(args, 'replace');
    const named = replacing.filter((word) => !isFile(word));
    const source = sourceOf(args);
    if ([...removed, ...list(args, 'uninstall')].some(isFile) || named.length > 0 !== (source !== undefined))
      return undefined; // the command says what is wrong
    const change = layering(list(args, 'install'), list(args, 'uninstall'));
    const files = replacing.filter(isFile);
    const modifiers = (digestOf: (word: string) => string): Entry[] => [
      ...lists(
        ['override-replace-uploaded-packages', files.map(digestOf)],
        ['override-remove-packages', removed],
        ['override-reset-packages', kind === 'reset' ? packages : []],
      ),
      ...(source === undefined ? [] : [['treefile', 's', treefile(source, named)] as Entry]),
      ...change.entries(digestOf),
    ];
    return update(
      [...files.map((word) => ({ purpose: 'override' as const, word })), ...change.files],
      modifiers,
      (line) => flags(args, [...OVERRIDING, 'freeze'], line, [['no-pull-base', 'b', true]]),
    );
  };

/** The archive that `--from` names; undefined without it, or where it is no option as it should be. */
const sourceOf = (args: Args): string | undefined =>
  args['experimental'] ? /^repo=([^,;]+)$/.exec(String(args['from'] ?? ''))?.[1] : undefined;

/** As rpm-ostree's client says where replacements come from. */
const treefile = (repo: string, packages: readonly string[]): string =>
  JSON.stringify({ 'override-replace': [{ from: { repo }, packages }] });

/** `reset`. */
export function reset(args: Args): Call | undefined {
  const kinds = { overlays: 'no-layering', overrides: 'no-overrides', initramfs: 'no-initramfs' };
  const names = ['reboot', 'lock-finalization'];
  if (!only(args, ...names, ...LAYERING, ...Object.keys(kinds))) return undefined;
  const named = Object.entries(kinds).filter(([option]) => args[option]);
  const dropped = (named.length > 0 ? named : Object.entries(kinds)).map(([, key]) => [key, 'b', true] as Entry);
  const change = layering(list(args, 'install'), list(args, 'uninstall'));
  return update(change.files, change.entries, (line) => flags(args, names, line, dropped));
}

/** `ex apply-live`. */
export function applyLive(args: Args): Call | undefined {
  if (!only(args, 'target', 'reset', 'allow-replacement')) return undefined;
  const more: Entry[] = [
    ...(typeof args['target'] === 'string' ? [['target', 's', args['target']] as Entry] : []),
    ...(args['allow-replacement'] ? [['replace', 'b', true] as Entry] : []),
  ];
  return { ...call('LiveFs', 'a{sv}', (line) => [flags(args, ['reset'], line, more)]), interface: 'OSExperimental' };
}

/** `refresh-md`. */
export const refreshMetadata = (args: Args): Call | undefined =>
  only(args, 'force') ? call('RefreshMd', 'a{sv}', (line) => [flags(args, ['force'], line)]) : undefined;
