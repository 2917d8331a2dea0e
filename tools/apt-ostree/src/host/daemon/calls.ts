import { Variant } from '@apt-ostree/dbus';
import type { Files } from './upload.ts';

type Args = Record<string, unknown>;

/** A method of an OS object. */
export interface Call {
  /** `OS` unless said. */
  interface?: string;
  method: string;
  signature: string;
  body(commandLine: string, digests: readonly string[]): readonly unknown[];
  /** What is sent before; the digests are of these. */
  files?: Files;
  /** The client wants exit code 77 for no change. */
  tells77: boolean;
}

/** Options of the client itself. */
const OWN = ['sysroot', 'stateroot', 'peer', 'quiet', 'progress-fd', 'json-errors', 'help', 'version', 'bypass-driver'];
const UNCHANGED = ['unchanged-exit-77', 'upgrade-unchanged-exit-77'];

/** The call that does what a command line asks for; undefined where only the command itself can. */
export const callOf = (name: string, args: Args): Call | undefined =>
  (CALLS[name] ?? CALLS[name.replace(/^ex /, '')])?.(args);

const CALLS: Record<string, (args: Args) => Call | undefined> = {
  upgrade(args) {
    if (args['trigger-automatic-update-policy'] && only(args, 'trigger-automatic-update-policy'))
      return call('AutomaticUpdateTrigger', 'a{sv}', () => [options([['mode', 's', 'auto']])]);
    if (args['check'] && only(args, 'check'))
      return { ...call('AutomaticUpdateTrigger', 'a{sv}', () => [options([['mode', 's', 'check']])]), tells77: true };
    if (args['preview'] && only(args, 'preview'))
      return { ...call('DownloadUpdateRpmDiff', '', () => []), tells77: true };
    const names = ['reboot', 'allow-downgrade', 'cache-only', 'download-only', 'lock-finalization'];
    if (!only(args, ...names, ...UNCHANGED, ...LAYERING) || namesFiles(args)) return undefined;
    const layering = LAYERING.flatMap((name) =>
      list(args, name).length > 0 ? [[`${name}-packages`, 'as', list(args, name)] as Entry] : [],
    );
    if (layering.length > 0)
      return telling(
        args,
        call('UpdateDeployment', 'a{sv}a{sv}', (line) => [options(layering), flags(args, names, line)]),
      );
    return telling(
      args,
      call('Upgrade', 'a{sv}', (line) => [flags(args, names, line)]),
    );
  },
  deploy(args) {
    const { revision = '' } = args;
    const driver = args['register-driver'];
    if (typeof revision !== 'string' || (revision === '' && driver === undefined)) return undefined;
    if (args['preview'] && only(args, 'preview', 'revision'))
      return call('DownloadDeployRpmDiff', 'sas', () => [revision, []]);
    const names = ['reboot', 'cache-only', 'download-only', 'skip-branch-check', 'lock-finalization'];
    if (!only(args, 'revision', 'disallow-downgrade', 'register-driver', ...names, ...UNCHANGED)) return undefined;
    const more: Entry[] = [
      ...downgrade(args),
      ...(typeof driver === 'string' ? [['register-driver', 's', driver] as Entry] : []),
    ];
    return telling(
      args,
      call('Deploy', 'sa{sv}', (line) => [revision, flags(args, names, line, more)]),
    );
  },
  rebase(args) {
    const { refspec, revision } = args;
    const names = ['reboot', 'skip-purge', 'cache-only', 'download-only', 'lock-finalization'];
    const own = ['custom-origin-url', 'custom-origin-description', 'disallow-downgrade', 'experimental'];
    if (typeof refspec !== 'string' || !only(args, 'refspec', 'revision', ...names, ...own)) return undefined;
    const [url, description] = [args['custom-origin-url'], args['custom-origin-description']];
    if ((url === undefined) !== (description === undefined)) return undefined; // the command says what is wrong
    const more: Entry[] = [
      ...downgrade(args),
      ...(typeof revision === 'string' ? [['revision', 's', revision] as Entry] : []),
      ...(url === undefined ? [] : [['custom-origin', '(ss)', [url, description]] as Entry]),
    ];
    return call('Rebase', 'a{sv}sas', (line) => [flags(args, names, line, more), refspec, []]);
  },
  rollback: (args) =>
    only(args, 'reboot') ? call('Rollback', 'a{sv}', (line) => [flags(args, ['reboot'], line)]) : undefined,
  cleanup(args) {
    const elements = Object.entries(ELEMENTS).flatMap(([option, element]) => (args[option] ? [element] : []));
    if (elements.length === 0 || !only(args, ...Object.keys(ELEMENTS))) return undefined;
    return call('Cleanup', 'as', () => [elements]);
  },
  reset(args) {
    const kinds = { overlays: 'no-layering', overrides: 'no-overrides', initramfs: 'no-initramfs' };
    const names = ['reboot', 'lock-finalization'];
    if (!only(args, ...names, ...Object.keys(kinds))) return undefined;
    const named = Object.entries(kinds).filter(([option]) => args[option]);
    const dropped = (named.length > 0 ? named : Object.entries(kinds)).map(([, key]) => [key, 'b', true] as Entry);
    return call('UpdateDeployment', 'a{sv}a{sv}', (line) => [new Map(), flags(args, names, line, dropped)]);
  },
  kargs(args) {
    const lists = ['append', 'replace', 'delete', 'append-if-missing', 'delete-if-present'];
    const names = ['reboot', 'lock-finalization'];
    const [append, replace, remove, ...further] = lists.map((name) => args[name] as string[]);
    const edits = lists.some((name) => (args[name] as string[]).length > 0);
    if (!edits || !only(args, ...lists, ...names, ...UNCHANGED)) return undefined;
    const more = further
      .map((values, at) => [lists[3 + at], 'as', values] as Entry)
      .filter(([, , v]) => (v as string[]).length > 0);
    const made = call('KernelArgs', 'sasasasa{sv}', (line) => [
      '',
      append,
      replace,
      remove,
      flags(args, names, line, more),
    ]);
    return telling(args, made);
  },
  install: (args) => layer(args, list(args, 'package'), list(args, 'uninstall'), ['cache-only', 'download-only']),
  uninstall: (args) => layer(args, list(args, 'install'), list(args, 'package'), []),
  'override remove': (args) => override('remove', args),
  'override reset': (args) => override('reset', args),
  'override replace': (args) => override('replace', args),
  'ex apply-live': applyLive,
  'refresh-md': (args) =>
    only(args, 'force') ? call('RefreshMd', 'a{sv}', (line) => [flags(args, ['force'], line)]) : undefined,
  initramfs(args) {
    const names = ['reboot', 'lock-finalization'];
    if (args['enable'] === args['disable'] || !only(args, 'enable', 'disable', 'arg', ...names)) return undefined;
    if (args['disable'] && list(args, 'arg').length > 0) return undefined; // the command says what is wrong
    return call('SetInitramfsState', 'basa{sv}', (line) => [
      ...[args['enable'] === true, list(args, 'arg')],
      flags(args, names, line),
    ]);
  },
  'initramfs-etc'(args) {
    const names = ['reboot', 'lock-finalization'];
    const edits = ['track', 'untrack', 'untrack-all', 'force-sync'];
    if (!only(args, ...edits, ...names, ...UNCHANGED) || edits.every((name) => isUnset(args[name]))) return undefined;
    const made = call('InitramfsEtc', 'asasbba{sv}', (line) => [
      ...[list(args, 'track'), list(args, 'untrack'), args['untrack-all'] === true, args['force-sync'] === true],
      flags(args, names, line),
    ]);
    return telling(args, made);
  },
  'finalize-deployment'(args) {
    const names = ['allow-missing-checksum', 'allow-unlocked'];
    if (!only(args, 'checksum', ...names)) return undefined;
    const checksum = args['checksum'];
    const more: Entry[] = typeof checksum === 'string' ? [['checksum', 's', checksum]] : [];
    return call('FinalizeDeployment', 'a{sv}', (line) => [flags(args, names, line, more)]);
  },
};

function applyLive(args: Args): Call | undefined {
  if (!only(args, 'target', 'reset', 'allow-replacement')) return undefined;
  const more: Entry[] = [
    ...(typeof args['target'] === 'string' ? [['target', 's', args['target']] as Entry] : []),
    ...(args['allow-replacement'] ? [['replace', 'b', true] as Entry] : []),
  ];
  return { ...call('LiveFs', 'a{sv}', (line) => [flags(args, ['reset'], line, more)]), interface: 'OSExperimental' };
}

const LAYERING = ['install', 'uninstall'];

const list = (args: Args, name: string): string[] => (args[name] ?? []) as string[];

/** A package that is a file is read by who names it, not by the daemon. */
const isFile = (word: string): boolean => /\.deb$|^file:\/\//.test(word) && !isRemote(word);
/** What is to be downloaded is the command's own. */
const isRemote = (word: string): boolean => /^https?:\/\//.test(word);

const namesFiles = (args: Args): boolean =>
  ['package', ...LAYERING].some((name) => list(args, name).some((word) => isFile(word) || isRemote(word)));

function layer(args: Args, added: string[], removed: string[], more: readonly string[]): Call | undefined {
  const names = ['reboot', 'dry-run', 'allow-inactive', 'lock-finalization', 'apply-live', ...more];
  const own = ['package', 'assumeyes', 'idempotent', 'force-replacefiles', ...LAYERING];
  if (added.length + removed.length === 0 || !only(args, ...own, ...names, ...UNCHANGED)) return undefined;
  if (added.some(isRemote) || removed.some(isFile)) return undefined;
  const idempotent: Entry[] = args['idempotent'] ? [['idempotent-layering', 'b', true]] : [];
  const files = added.filter(isFile);
  if (files.length > 0) return telling(args, layerFiles(args, names, added, removed, files, idempotent));
  if (args['force-replacefiles']) return undefined; // the command says what is wrong
  return telling(
    args,
    call('PkgChange', 'a{sv}asas', (line) => [flags(args, names, line, idempotent), added, removed]),
  );
}

function layerFiles(
  args: Args,
  names: readonly string[],
  added: string[],
  removed: string[],
  files: string[],
  more: Entry[],
): Call {
  const kind = args['force-replacefiles'] ? 'install-fileoverride' : 'install';
  const made = call('UpdateDeployment', 'a{sv}a{sv}', (line, digests) => [
    options([
      [`${kind}-uploaded-packages`, 'as', digests],
      ...(added.length > files.length ? [['install-packages', 'as', added.filter((w) => !isFile(w))] as Entry] : []),
      ...(removed.length > 0 ? [['uninstall-packages', 'as', removed] as Entry] : []),
    ]),
    flags(args, names, line, [...more, ['no-pull-base', 'b', true]]),
  ]);
  return { ...made, files: { purpose: 'install', words: files } };
}

/** Of the base's packages. */
function override(kind: 'remove' | 'reset' | 'replace', args: Args): Call | undefined {
  const names = ['reboot', 'dry-run', 'cache-only', 'lock-finalization'];
  const [packages, replaced] = [list(args, 'package'), list(args, 'replace')];
  if (packages.length === 0 || !only(args, 'package', 'remove', 'replace', ...LAYERING, ...names)) return undefined;
  const files = kind === 'replace' ? packages : replaced;
  const removed = kind === 'remove' ? packages : list(args, 'remove');
  if (!files.every(isFile) || [...removed, ...LAYERING.flatMap((name) => list(args, name))].some(isFile))
    return undefined;
  const change = (digests: readonly string[]): Entry[] => [
    ['override-replace-uploaded-packages', 'as', digests],
    ['override-remove-packages', 'as', removed],
    ['override-reset-packages', 'as', kind === 'reset' ? packages : []],
    ['install-packages', 'as', list(args, 'install')],
    ['uninstall-packages', 'as', list(args, 'uninstall')],
  ];
  const made = call('UpdateDeployment', 'a{sv}a{sv}', (line, digests) => [
    options(change(digests).filter(([, , values]) => (values as string[]).length > 0)),
    flags(args, names, line, [['no-pull-base', 'b', true]]),
  ]);
  return files.length > 0 ? { ...made, files: { purpose: 'override', words: files } } : made;
}

const ELEMENTS = { base: 'base', pending: 'pending-deploy', rollback: 'rollback-deploy', repomd: 'repomd' };

type Entry = [key: string, signature: string, value: unknown];

const options = (entries: readonly Entry[]): Map<string, Variant> =>
  new Map(entries.map(([key, signature, value]) => [key, new Variant(signature, value)]));

/** The flags that are given, the command line, and what else there is. */
const flags = (args: Args, names: readonly string[], commandLine: string, more: readonly Entry[] = []) =>
  options([
    ...names.filter((name) => args[name]).map((name) => [name, 'b', true] as Entry),
    ['initiating-command-line', 's', commandLine],
    ...more,
  ]);

const downgrade = (args: Args): Entry[] => (args['disallow-downgrade'] ? [['allow-downgrade', 'b', false]] : []);

const call = (method: string, signature: string, body: Call['body']): Call => ({
  method,
  signature,
  body,
  tells77: false,
});

const telling = (args: Args, made: Call): Call => ({ ...made, tells77: UNCHANGED.some((name) => args[name] === true) });

/** True when no option is given but these, and those that are the client's own affair. */
const only = (args: Args, ...names: string[]): boolean =>
  Object.entries(args).every(([name, value]) => OWN.includes(name) || names.includes(name) || isUnset(value));

const isUnset = (value: unknown): boolean =>
  value === undefined || value === false || (Array.isArray(value) && value.length === 0);
