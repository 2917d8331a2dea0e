import { Variant } from '@apt-ostree/dbus';

type Args = Record<string, unknown>;

/** A method of an OS object. */
export interface Call {
  method: string;
  signature: string;
  body(commandLine: string): readonly unknown[];
  /** The client wants exit code 77 for no change. */
  tells77: boolean;
}

/** Options of the client itself. */
const OWN = ['sysroot', 'stateroot', 'peer', 'quiet', 'progress-fd', 'json-errors', 'help', 'version', 'bypass-driver'];
const UNCHANGED = ['unchanged-exit-77', 'upgrade-unchanged-exit-77'];

/** The call that does what a command line asks for; undefined where only the command itself can. */
export const callOf = (name: string, args: Args): Call | undefined => CALLS[name]?.(args);

const CALLS: Record<string, (args: Args) => Call | undefined> = {
  upgrade(args) {
    if (args['trigger-automatic-update-policy'] && only(args, 'trigger-automatic-update-policy'))
      return call('AutomaticUpdateTrigger', 'a{sv}', () => [options([['mode', 's', 'auto']])]);
    if (args['check'] && only(args, 'check'))
      return { ...call('AutomaticUpdateTrigger', 'a{sv}', () => [options([['mode', 's', 'check']])]), tells77: true };
    if (args['preview'] && only(args, 'preview'))
      return { ...call('DownloadUpdateRpmDiff', '', () => []), tells77: true };
    const names = ['reboot', 'allow-downgrade', 'cache-only', 'download-only', 'lock-finalization'];
    if (!only(args, ...names, ...UNCHANGED)) return undefined;
    return telling(
      args,
      call('Upgrade', 'a{sv}', (line) => [flags(args, names, line)]),
    );
  },
  deploy(args) {
    const { revision } = args;
    if (typeof revision !== 'string') return undefined;
    if (args['preview'] && only(args, 'preview', 'revision'))
      return call('DownloadDeployRpmDiff', 'sas', () => [revision, []]);
    const names = ['reboot', 'cache-only', 'download-only', 'skip-branch-check', 'lock-finalization'];
    if (!only(args, 'revision', 'disallow-downgrade', ...names, ...UNCHANGED)) return undefined;
    return telling(
      args,
      call('Deploy', 'sa{sv}', (line) => [revision, flags(args, names, line, downgrade(args))]),
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
  'finalize-deployment'(args) {
    const names = ['allow-missing-checksum', 'allow-unlocked'];
    if (!only(args, 'checksum', ...names)) return undefined;
    const checksum = args['checksum'];
    const more: Entry[] = typeof checksum === 'string' ? [['checksum', 's', checksum]] : [];
    return call('FinalizeDeployment', 'a{sv}', (line) => [flags(args, names, line, more)]);
  },
};

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
