import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { buildArchive, buildDeb, type Served, serve } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BusWorld, busWorld, PROGRAMS } from '../lib/bus-world.ts';
import { SCRATCH } from '../lib/checkout.ts';
import { type Change, commitChange } from '../lib/next-commit.ts';

/** Two machines that are alike: on one the daemon does the work, on the other the command itself. */
let through: BusWorld;
let direct: BusWorld;
let server: Served;

const PATH = '/run/stub:/usr/sbin:/usr/bin:/sbin:/bin';
const BRANCH = 'test/booted';

beforeAll(async () => {
  const directory = join(SCRATCH, 'daemon-same-archive');
  mkdirSync(directory, { recursive: true });
  server = await serve(directory);
  const built = await buildArchive({
    directory,
    packages: [
      { name: 'aot-a', files: { '/usr/share/aot-a': 'x\n' } },
      { name: 'aot-b', control: { Depends: 'aot-a' } },
      { name: 'htop', version: '99-1', architecture: 'amd64' },
    ],
    architectures: ['amd64'],
  });
  for (const name of ['aot-url', 'aot-file', 'htop'])
    writeFileSync(join(directory, `${name}.deb`), await buildDeb({ name, version: '98-1', architecture: 'amd64' }));
  [through, direct] = [await busWorld('same-through'), await busWorld('same-direct')];
  for (const world of [through, direct]) {
    await run('ostree', ['refs', `--repo=${world.repo}`, '--create=test/other', world.commit]);
    world.write('/etc/apt/sources.list.d/test.sources', built.sources(server.url));
    world.write('/run/stub/systemctl', '#!/bin/sh\n[ "$1" = is-active ] && echo inactive || echo "$@" >> /run/asked\n');
    await world.exec(['chmod', '+x', '/run/stub/systemctl']);
    await world.exec(['cp', '-r', '/run/upstream', '/run/local']);
    for (const name of ['aot-file', 'htop'])
      await run('cp', [join(directory, `${name}.deb`), join(world.runtime, `${name}.deb`)]);
    writeFileSync(join(world.runtime, 'wrong.deb'), 'no package');
  }
  through.launch([`${PROGRAMS}/apt-ostreed`], { env: { PATH } });
  await through.owned('org.aptostree1');
});
afterAll(async () => {
  await through?.close();
  await direct?.close();
  await server?.close();
});

/** What a command says, without what tells how far it is. */
async function said(world: BusWorld, words: readonly string[], env: Record<string, string>) {
  const { exitCode, stdout, stderr } = await world.client(words, { env: { PATH, ...env } });
  const notes = stderr.split('\n').filter((line) => !/\.\.\. (done|\d)|\.\.\.$/.test(line));
  return { exitCode, stdout, stderr: notes.join('\n') };
}

const state = async (world: BusWorld) =>
  (await world.status()).deployments.map(
    ({ checksum, kernelArguments, origin, staged, stateroot, finalizationLocked }) => ({
      ...{ checksum, kernelArguments, origin, staged, stateroot, finalizationLocked },
    }),
  );

const commit = (branch: string, change: Change) =>
  Promise.all([through, direct].map((world) => commitChange(world.repo, branch, change)));

interface Row {
  words: string;
  /** What is committed before. */
  commit?: [branch: string, change: Change];
  env?: Record<string, string>;
}

const row = (words: string, more: Omit<Row, 'words'> = {}): Row => ({ words, ...more });
const files = (name: string) => ({ files: { [`usr/share/${name}`]: 'x' } });
const editor = (script: string) => ({ env: { EDITOR: `sed -i ${script}` } });
const fewer: Change['packages'] = (all) => all.filter(({ name }) => name !== 'less');

const rows: Row[] = [
  // nothing to do, and what means nothing
  row('upgrade'),
  row('upgrade --unchanged-exit-77'),
  row('upgrade --check'),
  row('upgrade --preview'),
  row('upgrade --preview --allow-downgrade --unchanged-exit-77'),
  row('upgrade --reboot --preview'),
  row('upgrade --stateroot=other'),
  row('upgrade --trigger-automatic-update-policy'),
  row('rollback'),
  row('cleanup --pending --rollback'),
  row('cleanup'),
  row('reset'),
  row('rebase'),
  row('rebase debian:test/booted'),
  row('rebase x --branch=y'),
  row('rebase --branch='),
  row('rebase no-such-branch'),
  row('deploy'),
  row('deploy no-such-version'),
  row('deploy --preview no-such-version'),
  row('finalize-deployment'),
  // upgrades
  row('upgrade --check', { commit: [BRANCH, { version: '1', ...files('one'), packages: fewer }] }),
  row('upgrade --check --allow-downgrade --cache-only'),
  row('upgrade --preview'),
  row('upgrade --check-diff --cache-only'),
  row('upgrade --download-only'),
  row('upgrade --lock-finalization'),
  row('finalize-deployment --allow-missing-checksum --allow-unlocked'),
  row('cleanup -p'),
  row('upgrade --reboot'),
  row('rollback'),
  // other bases
  row('deploy --preview version=2', { commit: [BRANCH, { version: '2', ...files('two') }] }),
  row('deploy --preview --disallow-downgrade --unchanged-exit-77 version=1'),
  row('deploy version=2 --install=aot-a'),
  row('deploy version=2 --unchanged-exit-77'),
  row('deploy version=1 --disallow-downgrade'),
  row('deploy version=1 --uninstall=aot-a --lock-finalization'),
  row('deploy --register-driver=x'),
  row('rebase --branch=test/other --download-only', { commit: ['test/other', { version: '3', ...files('three') }] }),
  row('rebase --branch=test/other --install=aot-a --install=/run/aot-file.deb'),
  row('rebase --branch=test/booted --uninstall=aot-a --skip-purge'),
  row('rebase --remote=none'),
  row('rebase /run/local:test/booted'),
  row('rebase debian:test/booted --custom-origin-url=https://example.org --custom-origin-description=text'),
  row('rebase debian:test/other 3'),
  row('rebase debian:test/booted --uninstall=aot-file'),
  row('reset --install=aot-b'),
  row('reset --overlays'),
  // layered packages
  row('install --dry-run aot-b'),
  row('install aot-b'),
  row('install aot-b'),
  row('install aot-b --idempotent --unchanged-exit-77'),
  row('install aot-is-not-there'),
  row('install no/pack/age'),
  row('install less --allow-inactive --download-only'),
  row('install htop'),
  row('install aot-a --uninstall=aot-b --cache-only'),
  row('install /run/aot-file.deb'),
  row('install /run/aot-file.deb'),
  row('install /run/wrong.deb'),
  row('install /run'),
  row('install /run/is-not-there.deb'),
  row('install URL/aot-url.deb'),
  row('install URL/is-not-there.deb'),
  row('install file://x/y.deb'),
  row('uninstall aot-url aot-is-not-there'),
  row('uninstall aot-url_98-1_amd64 --dry-run'),
  row('uninstall aot-url --install=aot-b'),
  row('uninstall --all --dry-run'),
  row('uninstall --all'),
  row('uninstall --all --unchanged-exit-77'),
  row('upgrade --install=aot-b --uninstall=aot-a', { commit: [BRANCH, { version: '4', ...files('four') }] }),
  row('upgrade --install=URL/aot-url.deb --uninstall=aot-b'),
  row('refresh-md --force'),
  // packages of the base
  row('override remove htop --dry-run'),
  row('override remove htop'),
  row('override remove aot-is-not-there'),
  row('override reset --all --dry-run'),
  row('override reset --all --install=aot-a'),
  row('override reset --all'),
  row('override replace /run/htop.deb --remove=less'),
  row('override replace htop'),
  row('override reset less'),
  row('override replace --experimental --from=repo=testkit htop'),
  row('override replace --experimental --from=repo=nowhere htop'),
  row('override replace --experimental --from=repo=testkit --freeze htop'),
  row('override replace --from=repo=testkit htop'),
  row('override remove less --replace=/run/htop.deb --install=URL/aot-url.deb'),
  row('override reset htop less --uninstall=aot-a'),
  row('override reset'),
  row('reset --overrides'),
  row('reset'),
  // what boots
  row('kargs --append=quiet --append-if-missing=quiet --lock-finalization'),
  row('kargs --append-if-missing=quiet --unchanged-exit-77'),
  row('kargs --replace=console=ttyS0=ttyS1 --delete-if-present=none'),
  row('kargs --delete=none'),
  row('kargs --append=a.b --deploy-index=1'),
  row('kargs --append=a.b --deploy-index=9'),
  row('kargs --import-proc-cmdline --append=aot.imported'),
  row('kargs --editor', editor('s/aot.imported/aot.edited/')),
  row('kargs --editor', editor('s/none/none/')),
  row('kargs --editor --unchanged-exit-77', editor('s/none/none/')),
  row('kargs --editor --deploy-index=0', editor('s/^root/aot.first=1\\ root/')),
  row('kargs --editor', editor('d')),
  row('kargs --editor --append=x'),
  row('kargs'),
  row('initramfs'),
  row('initramfs --disable'),
  row('initramfs-etc'),
  row('initramfs-etc --track=/usr/x'),
  row('initramfs-etc --untrack-all --unchanged-exit-77'),
  row('cleanup -b -p -r -m'),
];

test.each(rows)('$words', async ({ words, commit: change, env = {} }) => {
  if (change) await commit(...change);
  const args = words.replaceAll('URL', server.url).split(' ');
  const [one, other] = await Promise.all([
    said(through, args, env),
    said(direct, args, { ...env, APT_OSTREE_DIRECT: '1' }),
  ]);
  expect(one).toEqual(other);
  expect(await state(through)).toEqual(await state(direct));
});
