import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageLayout, type MadeImage, type Served, serve, type TarEntry } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';
import { type Judges, judges, type Registry, SHARED } from '../lib/judges.ts';
import { rootArchive } from '../lib/root-archive.ts';
import { scratch } from '../lib/scratch.ts';

// A machine that follows an image only as far as its policy accepts it.
let world: BootedWorld;
let judge: Judges;
let registry: Registry;
/** Where the signatures are. */
let lookaside: Served;
let base: { archive: string };
let reference: string;

const inJudge = (...argv: string[]) => judge.run('env', `GNUPGHOME=${SHARED}/gnupg`, ...argv);

/** Puts a version of the image behind the tag, signed by a user or by nobody. */
async function publish(version: string, user: string | undefined, ...over: TarEntry[][]): Promise<MadeImage> {
  const labels = { 'containers.bootc': '1', 'org.opencontainers.image.version': version };
  const created = `2030-01-0${version.at(-1)}T00:00:00Z`;
  const image = await imageLayout(join(judge.shared, 'image'), { layers: [base, ...over], labels, created });
  base = { archive: join(judge.shared, 'image/blobs/sha256', image.layers[0]?.digest.slice('sha256:'.length) ?? '') };
  await inJudge(
    ...['skopeo', '--registries.d', `${SHARED}/registries.d`, 'copy', '--preserve-digests', '--dest-tls-verify=false'],
    ...(user === undefined ? [] : ['--sign-by', `${user}@example.org`]),
    ...[`oci:${SHARED}/image:latest`, `docker://${registry.host}/os/server:13`],
  );
  return image;
}

/** Lets the machine's policy have this rule for the registry; all else is as Debian has it. */
const trust = (...rules: unknown[]) =>
  world.write(
    '/etc/containers/policy.json',
    JSON.stringify({
      default: [{ type: 'insecureAcceptAnything' }],
      ...(rules.length === 0 ? {} : { transports: { docker: { [registry.host]: rules } } }),
    }),
  );

const BUILDER = { type: 'signedBy', keyType: 'GPGKeys', keyPath: '/etc/containers/builder.gpg' };

const deployments = async (): Promise<Record<string, unknown>[]> =>
  JSON.parse((await world.aptOstree(['status', '--json'])).stdout).deployments;

async function refused(words: string[], why: string | RegExp): Promise<void> {
  const before = await deployments();
  const { exitCode, stdout, stderr } = await world.aptOstree(words);
  expect(stderr).toMatch(why);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(await deployments()).toEqual(before);
}

beforeAll(async () => {
  world = await bootedWorld('host-signed-images');
  judge = await judges(scratch('host-signed-images-shared'));
  registry = await judge.registry();
  for (const directory of ['gnupg', 'lookaside', 'registries.d'])
    mkdirSync(join(judge.shared, directory), { mode: 0o700 });
  lookaside = await serve(join(judge.shared, 'lookaside'));
  for (const user of ['builder', 'stranger']) {
    const gpg = ['gpg', '--batch', '--passphrase', ''];
    await inJudge(...gpg, '--quick-generate-key', `${user}@example.org`, 'rsa2048', 'sign', 'never');
    await inJudge(...gpg, '--export', '--output', `${SHARED}/${user}.gpg`, `${user}@example.org`);
  }
  const place = { lookaside: lookaside.url, 'lookaside-staging': `file://${SHARED}/lookaside` };
  const places = JSON.stringify({ docker: { [registry.host]: place } });
  world.write('/etc/containers/registries.d/test.yaml', places);
  copyFileSync(
    join(world.root(), 'etc/containers/registries.d/test.yaml'),
    join(judge.shared, 'registries.d/test.yaml'),
  );
  copyFileSync(join(judge.shared, 'builder.gpg'), join(world.root(), 'etc/containers/builder.gpg'));
  reference = `ostree-image-signed:docker://${registry.host}/os/server:13`;
  base = { archive: join(judge.shared, 'base.tar') };
  await rootArchive(world.repo, world.commit, base.archive);
});
afterAll(async () => {
  await lookaside?.close();
  await registry?.stop();
});

test('what nobody vouches for is refused, whatever Debian accepts', async () => {
  await publish('13.1', undefined);
  await refused(['rebase', reference], /cannot verify 'registry:\S+': Running image docker:\S+ is rejected by policy/);
  trust({ type: 'insecureAcceptAnything' });
  await refused(['rebase', reference], /hint: a rule of '\/etc\/containers\/policy.json' must say whose signature/);
  trust(BUILDER);
  await refused(
    ['rebase', reference],
    /cannot verify 'registry:\S+': A signature was required, but no signature exists/,
  );
  await publish('13.1', 'stranger');
  await refused(['rebase', reference], /cannot verify 'registry:\S+': .*(?:not accepted|Invalid GPG signature)/);
  await refused(['rebase', '--cache-only', reference], `cannot verify '${reference}' without the network`);
  await refused(['rebase', 'ostree-image-signed:oci:/var/image'], /only images in registries are signed/);
});

test('a signed image is deployed, and the origin and status have the reference as it was given', async () => {
  const image = await publish('13.1', 'builder');
  expect(await world.aptOstree(['rebase', reference])).toMatchObject({
    ...{ exitCode: 0, stdout: expect.stringContaining('Changes queued for next boot') },
  });
  await world.reboot();
  expect((await deployments())[0]).toMatchObject({
    booted: true,
    version: '13.1',
    'container-image-reference': reference,
    'container-image-reference-digest': image.digest,
  });
  expect((await world.aptOstree(['status'])).stdout).toContain(`● ${reference}\n`);
  expect(readFileSync(`${world.root()}.origin`, 'utf8')).toContain(`container-image-reference=${reference}\n`);
  expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0, stdout: 'No upgrade available.\n' });
});

test('upgrade asks for a signature again', async () => {
  await publish('13.2', undefined, [{ name: 'etc/motd', content: 'second\n' }]);
  await refused(['upgrade'], /A signature was required, but no signature exists/);
  const second = await publish('13.2', 'builder', [{ name: 'etc/motd', content: 'second\n' }]);
  expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
  await world.reboot();
  expect(readFileSync(join(world.root(), 'etc/motd'), 'utf8')).toBe('second\n');
  expect((await deployments())[0]).toMatchObject({
    'container-image-reference': reference,
    'container-image-reference-digest': second.digest,
  });
});

test('the other spelling of a registry is a base of its own', async () => {
  const other = reference.replace('docker://', 'registry:');
  expect(await world.aptOstree(['rebase', other])).toMatchObject({ exitCode: 0 });
  expect((await deployments())[0]).toMatchObject({ 'container-image-reference': other });
});
