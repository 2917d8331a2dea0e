import { type Implementation, type MethodCall, Variant } from '@apt-ostree/dbus';
import { readCommit } from '@apt-ostree/ostree';
import { ask } from './apt-ostree.ts';
import { listedSources, lookUp } from './archives.ts';
import { commitOfRevision } from './commit-of-revision.ts';
import type { Service } from './daemon.ts';
import { failure, notYet } from './names.ts';
import { Options, packageNames, terms, text, word, words } from './requests/arguments.ts';
import * as base from './requests/base.ts';
import * as boot from './requests/boot.ts';
import * as packages from './requests/packages.ts';
import { type Request, request } from './requests/request.ts';
import { chosen } from './state.ts';
import { dictionary, packageRows } from './variants.ts';

type Methods = Implementation['methods'];

/** The object of a stateroot. */
export function osObject(service: Service, stateroot: string): Implementation {
  const now = () => chosen(service.state, stateroot);
  return {
    properties: {
      BootedDeployment: () => now().booted,
      DefaultDeployment: () => now().default,
      RollbackDeployment: () => now().rollback,
      CachedUpdate: () => cachedUpdate(service, stateroot) ?? new Map(),
      HasCachedUpdateRpmDiff: () => cachedUpdate(service, stateroot)?.has('rpm-diff') ?? false,
      Name: () => stateroot,
    },
    methods: { ...changes(service, stateroot), ...looks(service, stateroot), ...archives(service, stateroot) },
  };
}

function cachedUpdate({ state }: Service, stateroot: string) {
  return state.cachedUpdate?.get('osname')?.value === stateroot ? state.cachedUpdate : undefined;
}

/** Methods that open a transaction and return its address. */
function changes(service: Service, stateroot: string): Methods {
  const transaction =
    (make: (args: unknown[]) => Request) =>
    async ({ args, sender }: MethodCall) => [(await service.begin(make(args), sender)).address];
  const locked = () => service.configuration.lockLayering;
  return {
    Upgrade: transaction((args) => base.upgrade(stateroot, args)),
    Deploy: async ({ args, sender }) => {
      const unit = await service.unitOf(sender);
      return [(await service.begin(base.deploy(stateroot, args, unit), sender)).address];
    },
    Rebase: transaction((args) => base.rebase(stateroot, args)),
    Rollback: transaction((args) => base.rollback(stateroot, args)),
    ClearRollbackTarget: transaction((args) => base.clearRollbackTarget(stateroot, args)),
    Cleanup: transaction((args) => base.cleanup(stateroot, args)),
    FinalizeDeployment: transaction((args) => base.finalizeDeployment(stateroot, args)),
    DownloadUpdateRpmDiff: transaction(() => base.downloadUpdateDiff(stateroot)),
    DownloadDeployRpmDiff: transaction((args) => base.downloadDeployDiff(stateroot, args)),
    DownloadRebaseRpmDiff: transaction((args) => base.downloadRebaseDiff(stateroot, args)),
    KernelArgs: transaction((args) => boot.kernelArguments(stateroot, kernelArguments(service, stateroot), args)),
    SetInitramfsState: transaction((args) => boot.initramfsState(stateroot, args)),
    InitramfsEtc: transaction((args) => boot.initramfsEtc(stateroot, args)),
    PkgChange: transaction((args) => packages.packageChange(stateroot, locked(), args)),
    UpdateDeployment: async ({ args, sender }) => {
      const uploaded = (sha256: string) => service.uploads.fileOf(sender as string, sha256);
      const place = { stateroot, locked: locked(), uploaded, unit: await service.unitOf(sender) };
      const wanted = packages.updateDeployment(place, args);
      return [(await service.begin(wanted, sender)).address];
    },
    OpenUpload: async ({ args: [purpose, sha256, size], sender }) => {
      const action = purpose === 'install' ? 'install-local-packages' : purpose === 'override' ? purpose : undefined;
      if (action === undefined) throw failure('Failed', "the purpose of a file is 'install' or 'override'");
      await service.allow(sender, 'OpenUpload', [action]);
      return [await service.uploads.open(sender as string, text('sha256', sha256), Number(size))];
    },
    ModifyYumRepo: transaction((args) => packages.modifySource(stateroot, args)),
    RefreshMd: transaction((args) => packages.refreshMetadata(stateroot, args)),
    AutomaticUpdateTrigger: async ({ args, sender }) => automaticUpdate(service, stateroot, args, sender),
  };
}

/** Of the deployment that a change would build on, or of one by its place in the boot order. */
const kernelArguments =
  ({ state }: Service, stateroot: string) =>
  (index: string | undefined): string => {
    const { deployments } = state.sysroot;
    const id = chosen(state, stateroot).default.get('id')?.value;
    const found = index === undefined ? deployments.find((d) => d.id === id) : deployments[Number(index)];
    return found?.kernelArguments.join(' ') ?? '';
  };

/** The last two are not in rpm-ostree. */
const TRIGGER = { mode: 's', 'output-to-self': 'b', 'allow-downgrade': 'b', 'cache-only': 'b' } as const;

/** What the policy says, or a check whatever it says. */
async function automaticUpdate(
  service: Service,
  stateroot: string,
  [given]: unknown[],
  sender: string | undefined,
): Promise<[boolean, string]> {
  const options = new Options(given, TRIGGER);
  const mode = options.text('mode') ?? 'auto';
  if (!['auto', 'none', 'check'].includes(mode)) throw failure('Failed', `there is no mode '${mode.slice(0, 40)}'`);
  const policy = mode === 'auto' ? service.configuration.automaticUpdatePolicy : mode;
  if (policy === 'none') return [false, ''];
  const forms: Record<string, { argv: string[]; title: string }> = {
    check: { argv: ['--check'], title: 'automatic (check)' },
    stage: { argv: ['--unchanged-exit-77'], title: 'automatic (stage)' },
    apply: { argv: ['--unchanged-exit-77', '--reboot'], title: 'automatic (apply)' },
  };
  const { argv = [], title = '' } = forms[policy] ?? {};
  const flags = options.flags('allow-downgrade', 'cache-only');
  const line = ['upgrade', ...base.at(stateroot), ...argv, ...flags] as const;
  const wanted = request('AutomaticUpdateTrigger', line, ['upgrade'], title);
  return [true, (await service.begin(wanted, sender)).address];
}

/** Methods that only look. */
function looks(service: Service, stateroot: string): Methods {
  const difference = async (from: string, to: string) =>
    JSON.parse(await ask(['db', 'diff', '--format=json', '--repo', service.state.sysroot.repo, from, to]));
  const allowed = ({ sender }: MethodCall, what: string) => service.allow(sender, what, ['repo-refresh']);
  const cached = async (call: MethodCall, what: string, from: string, find: () => string) => {
    await allowed(call, what);
    const to = find();
    const found = await difference(from, to);
    const details = { ...described(service, found['ostree-commit-to']), ...commits(found), osname: stateroot };
    return [packageRows(found.pkgdiff), dictionary(/^[0-9a-f]{64}$/.test(to) ? details : { ...details, origin: to })];
  };
  const current = () => commitOf(service, stateroot, '');
  return {
    GetDeploymentsRpmDiff: async (call) => {
      const [from, to] = call.args.map((id) => commitOf(service, stateroot, text('deployid', id)));
      await allowed(call, 'GetDeploymentsRpmDiff');
      return [packageRows((await difference(from as string, to as string)).pkgdiff)];
    },
    GetCachedUpdateRpmDiff: async (call) => {
      const from = commitOf(service, stateroot, text('deployid', call.args[0]));
      return cached(call, 'GetCachedUpdateRpmDiff', from, () => newest(service, stateroot, from));
    },
    GetCachedDeployRpmDiff: async (call) => {
      const [revision, names] = call.args;
      if (words('packages', names).length > 0) throw notYet('packages with another base');
      const { repo } = service.state.sysroot;
      const from = current();
      const find = () => commitOfRevision(repo, () => followed(service, from), word('revision', revision));
      return cached(call, 'GetCachedDeployRpmDiff', from, find);
    },
    GetCachedRebaseRpmDiff: async (call) => {
      const [refspec, names] = call.args;
      if (words('packages', names).length > 0) throw notYet('packages with another base');
      return cached(call, 'GetCachedRebaseRpmDiff', current(), () => word('refspec', refspec));
    },
    GetDeploymentBootConfig: ({ args: [id] }) => {
      const found = deploymentOf(service, stateroot, text('deployid', id));
      return [new Map([['options', new Variant('s', found.kernelArguments.join(' '))]])];
    },
  };
}

/** What the archives of the host have: everybody may look. */
function archives(service: Service, stateroot: string): Methods {
  const find = async (by: 'name' | 'provides' | 'text', what: readonly string[]) => [
    await lookUp(service.state.sysroot.path, stateroot, by, what),
  ];
  return {
    ListRepos: async () => [await listedSources(service.state.sysroot.path, stateroot)],
    GetPackages: ({ args: [names] }) => find('name', packageNames('names', names)),
    WhatProvides: ({ args: [names] }) => find('provides', packageNames('provides', names)),
    Search: ({ args: [names] }) => find('text', terms('names', names)),
  };
}

/** By its id, its index, or for an empty text the booted or the default one. */
function deploymentOf({ state }: Service, stateroot: string, id: string) {
  const all = state.sysroot.deployments;
  const fallback = chosen(state, stateroot);
  const shown = (fallback.booted.size > 0 ? fallback.booted : fallback.default).get('id')?.value;
  const found = all.find((d) => d.id === (id === '' ? shown : id) || (/^\d{1,4}$/.test(id) && d.index === Number(id)));
  if (found?.stateroot === stateroot) return found;
  throw failure('Failed', `there is no deployment '${id.slice(0, 120)}' of '${stateroot}'`);
}

const commitOf = (service: Service, stateroot: string, id: string): string =>
  deploymentOf(service, stateroot, id).checksum;

const commits = (found: Record<string, string>) => ({
  'ostree-commit-from': found['ostree-commit-from'],
  'ostree-commit-to': found['ostree-commit-to'],
});

/** A commit as an update. */
function described({ state }: Service, commit: string) {
  const { checksum, version, timestamp } = readCommit(state.sysroot.repo, commit);
  return { checksum, version: version ?? null, timestamp };
}

/** What the last look for an upgrade found, or else the branch that the deployment follows. */
const newest = (service: Service, stateroot: string, from: string): string =>
  (cachedUpdate(service, stateroot)?.get('checksum')?.value as string | undefined) ?? followed(service, from);

/** The branch that the deployment of a commit follows. */
function followed({ state }: Service, commit: string): string {
  const refspec = state.sysroot.deployments.find((d) => d.checksum === commit)?.origin.refspec;
  if (refspec === undefined) throw failure('Failed', 'the deployment follows no branch');
  return refspec;
}

/** What only root may call, by the policy of the bus and here. */
export function experimentalObject(service: Service): Implementation {
  return {
    methods: {
      Moo: async ({ args: [utf8], sender }) => {
        await service.allowRoot(sender, 'Moo');
        return [utf8 === true ? '🐮\n' : 'moo\n'];
      },
      LiveFs: async ({ args, sender }) => {
        await service.allowRoot(sender, 'LiveFs');
        return [(await service.begin(boot.applyLive(args), sender)).address];
      },
      DownloadPackages: () => {
        throw notYet("'DownloadPackages', which hands over file descriptors");
      },
    },
  };
}
