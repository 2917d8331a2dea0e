import { askedFor } from '../../rebase/base-of.ts';
import {
  type Args,
  type Call,
  call,
  type Entry,
  flags,
  LAYERING,
  layering,
  list,
  only,
  options,
  telling,
  UNCHANGED,
  update,
} from './call.ts';

/** `upgrade`. */
export function upgrade(args: Args): Call | undefined {
  if (args['trigger-automatic-update-policy'] && only(args, 'trigger-automatic-update-policy'))
    return call('AutomaticUpdateTrigger', 'a{sv}', () => [options([['mode', 's', 'auto']])]);
  if (isGiven(args, 'preview', 'check-diff')) return previewOfUpgrade(args);
  const allowed = ['allow-downgrade', 'cache-only'];
  if (args['check'] && only(args, 'check', ...allowed, ...UNCHANGED))
    return {
      ...call('AutomaticUpdateTrigger', 'a{sv}', () => [options([['mode', 's', 'check'], ...set(args, allowed)])]),
      tells77: true,
    };
  const names = ['reboot', 'download-only', 'lock-finalization', ...allowed];
  if (!only(args, ...names, ...UNCHANGED, ...LAYERING)) return undefined;
  const upgraded = call('Upgrade', 'a{sv}', (line) => [flags(args, names, line)]);
  return telling(args, withLayering(args, [], (line) => flags(args, names, line)) ?? upgraded);
}

/** With options it is a dry run. */
function previewOfUpgrade(args: Args): Call | undefined {
  const names = ['allow-downgrade', 'cache-only'];
  if (!only(args, 'preview', 'check-diff', 'check', ...names, ...UNCHANGED)) return undefined;
  const plain = names.every((name) => !args[name]);
  const made = plain
    ? call('DownloadUpdateRpmDiff', '', () => [])
    : update(
        [],
        () => [],
        (line) => flags(args, names, line, [['dry-run', 'b', true]]),
      );
  return { ...made, tells77: true };
}

const isGiven = (args: Args, ...names: string[]): boolean => names.some((name) => args[name] === true);

const set = (args: Args, names: readonly string[]): Entry[] =>
  names.filter((name) => args[name]).map((name) => [name, 'b', true]);

/** The same with changes to what is layered; undefined where there are none. */
function withLayering(args: Args, base: Entry[], given: (line: string) => ReturnType<typeof options>) {
  const change = layering(list(args, 'install'), list(args, 'uninstall'));
  const changes = LAYERING.some((name) => list(args, name).length > 0);
  return changes ? update(change.files, (digestOf) => [...base, ...change.entries(digestOf)], given) : undefined;
}

/** `deploy`. */
export function deploy(args: Args): Call | undefined {
  const { revision = '' } = args;
  const driver = args['register-driver'];
  if (typeof revision !== 'string' || (revision === '' && driver === undefined)) return undefined;
  if (args['preview']) return previewOfDeploy(args, revision);
  const names = ['reboot', 'cache-only', 'download-only', 'skip-branch-check', 'lock-finalization'];
  const own = ['revision', 'disallow-downgrade', 'register-driver', ...LAYERING];
  if (!only(args, ...own, ...names, ...UNCHANGED)) return undefined;
  const more: Entry[] = [
    ...downgrade(args),
    ...(typeof driver === 'string' ? [['register-driver', 's', driver] as Entry] : []),
  ];
  const given = (line: string) => flags(args, names, line, more);
  const deployed = call('Deploy', 'sa{sv}', (line) => [revision, given(line)]);
  return telling(args, withLayering(args, [['set-revision', 's', revision]], given) ?? deployed);
}

function previewOfDeploy(args: Args, revision: string): Call | undefined {
  const names = ['cache-only', 'skip-branch-check'];
  if (!only(args, 'preview', 'revision', 'disallow-downgrade', ...names, ...UNCHANGED)) return undefined;
  const given = (line: string) => flags(args, names, line, [...downgrade(args), ['dry-run', 'b', true]]);
  const plain = only(args, 'preview', 'revision', ...UNCHANGED);
  const made = plain
    ? call('DownloadDeployRpmDiff', 'sas', () => [revision, []])
    : update([], () => [['set-revision', 's', revision]], given);
  return telling(args, made);
}

const downgrade = (args: Args): Entry[] => (args['disallow-downgrade'] ? [['allow-downgrade', 'b', false]] : []);

/** `rebase`: the daemon is told one refspec, whatever options name it. */
export function rebase(args: Args): Call | undefined {
  const names = ['reboot', 'skip-purge', 'cache-only', 'download-only', 'lock-finalization'];
  const named = ['refspec', 'revision', 'branch', 'remote', ...LAYERING];
  const own = ['custom-origin-url', 'custom-origin-description', 'disallow-downgrade', 'experimental'];
  if (!only(args, ...named, ...names, ...own)) return undefined;
  const [url, description] = [args['custom-origin-url'], args['custom-origin-description']];
  if ((url === undefined) !== (description === undefined)) return undefined; // the command says what is wrong
  const { revision } = args;
  const refspec = askedFor(args);
  const origin: Entry[] = url === undefined ? [] : [['custom-origin', '(ss)', [url, description]]];
  const ofRevision = (key: string): Entry[] => (typeof revision === 'string' ? [[key, 's', revision]] : []);
  const base: Entry[] = [['set-refspec', 's', refspec], ...ofRevision('set-revision'), ...origin];
  const changing = withLayering(args, base, (line) => flags(args, names, line, downgrade(args)));
  const more = [...downgrade(args), ...ofRevision('revision'), ...origin];
  return changing ?? call('Rebase', 'a{sv}sas', (line) => [flags(args, names, line, more), refspec, []]);
}

/** `rollback`. */
export const rollback = (args: Args): Call | undefined =>
  only(args, 'reboot') ? call('Rollback', 'a{sv}', (line) => [flags(args, ['reboot'], line)]) : undefined;

const ELEMENTS = { base: 'base', pending: 'pending-deploy', rollback: 'rollback-deploy', repomd: 'repomd' };

/** `cleanup`. */
export function cleanup(args: Args): Call | undefined {
  const elements = Object.entries(ELEMENTS).flatMap(([option, element]) => (args[option] ? [element] : []));
  if (elements.length === 0 || !only(args, ...Object.keys(ELEMENTS))) return undefined;
  return call('Cleanup', 'as', () => [elements]);
}

/** `finalize-deployment`. */
export function finalize(args: Args): Call | undefined {
  const names = ['allow-missing-checksum', 'allow-unlocked'];
  if (!only(args, 'checksum', ...names)) return undefined;
  const checksum = args['checksum'];
  const more: Entry[] = typeof checksum === 'string' ? [['checksum', 's', checksum]] : [];
  return call('FinalizeDeployment', 'a{sv}', (line) => [flags(args, names, line, more)]);
}
