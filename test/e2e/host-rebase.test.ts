import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';
import { type HttpRemote, httpRemote } from '../lib/http-remote.ts';

let world: BootedWorld;
let remote: HttpRemote;

beforeAll(async () => {
  world = await bootedWorld('host-rebase');
  remote = await httpRemote(world, 'host-rebase');
  await world.addRemote('web', remote.server.url);
});
afterAll(() => remote?.close());

const first = async () => (await world.status()).deployments[0];
const state = async () => JSON.stringify([(await world.status()).deployments, await refs()]);
const refs = async () => (await world.run(['ostree', 'refs', '--repo=/ostree/repo', '--revision'])).stdout;

/** Fails for the reason given; deployments and refs are as before. */
async function refused(words: string[], ...reasons: string[]): Promise<void> {
  const before = await state();
  const { exitCode, stderr } = await world.aptOstree(words);
  for (const reason of reasons) expect(stderr).toContain(reason);
  expect(exitCode).toBe(1);
  expect(await state()).toBe(before);
}

beforeEach(async () => {
  await world.aptOstree(['cleanup', '--pending']);
});

let number = 0;
/** A commit that differs from every other. */
const another = () => ({
  version: `13.${++number}`,
  files: { 'usr/share/aot-number': `commit ${number} of the test\n` },
});

describe('over HTTP', () => {
  test('rebase follows the branch of another remote, and drops the ref of the old one', async () => {
    const { exitCode, stdout, stderr } = await world.aptOstree(['rebase', 'web:test/booted']);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain('Changes queued for next boot. Run "systemctl reboot" to start a reboot\n');
    expect(await first()).toMatchObject({
      staged: true,
      checksum: world.commit,
      origin: { refspec: 'web:test/booted' },
    });
    expect(await refs()).not.toContain('debian:test/booted');
    await world.reboot();
    await refused(['rebase', 'web:test/booted'], 'Old and new refs are equal: web:test/booted');
    await refused(['rebase', 'test/booted'], 'Old and new refs are equal: web:test/booted');
  });

  test('upgrade fetches what is missing', async () => {
    const next = await remote.publish(another());
    remote.server.log.length = 0;
    expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ staged: true, checksum: next });
    const files = remote.server.log.filter((r) => r.path.endsWith('.filez') && r.status === 200);
    expect(files.length).toBe(1);
  });

  test('a connection that is lost leaves everything as it is, and the next try goes on from there', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`usr/share/aot-many/${i}`, `${i} ${Math.random()}`]),
    );
    const next = await remote.publish({ ...another(), files });
    const objects = await objectsOf(next, '/usr/share/aot-many');
    expect(objects).toHaveLength(40);
    for (const path of objects.slice(20)) remote.server.faults[path] = { dropAfter: 1, times: 1000 };
    await refused(['upgrade'], "cannot pull 'test/booted' from remote 'web'", 'hint: ');
    for (const path of objects) delete remote.server.faults[path];
    remote.server.log.length = 0;
    expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ checksum: next });
    const again = remote.server.log.filter((r) => r.path.endsWith('.filez') && r.status === 200).length;
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThan(40);
  });

  test('a static delta is used where the server has one', async () => {
    const from = (await world.status()).booted?.checksum as string;
    const next = await remote.publish(another());
    await run('ostree', [
      ...['static-delta', 'generate', `--repo=${world.repo}`, `--from=${from}`, `--to=${next}`],
      ...['--inline', `--filename=${join(remote.repo, '..', 'delta')}`],
    ]);
    const name = deltaPath(from, next);
    await run('mkdir', ['-p', join(remote.repo, name)]);
    await run('cp', [join(remote.repo, '..', 'delta'), join(remote.repo, name, 'superblock')]);
    await run('ostree', ['summary', '--update', `--repo=${remote.repo}`]);
    remote.server.log.length = 0;
    expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ checksum: next });
    expect(remote.server.log.filter((r) => r.path.endsWith('/superblock') && r.status === 200)).toHaveLength(1);
    expect(remote.server.log.filter((r) => r.path.endsWith('.filez'))).toEqual([]);
  });

  test('what the remote does not have', async () => {
    await refused(['rebase', 'web:no/such/branch'], "cannot pull 'no/such/branch' from remote 'web'");
    await refused(['rebase', 'nowhere:test/booted'], "cannot find remote 'nowhere'", "'web'");
    await refused(['deploy', 'version=99'], "cannot find version '99' in 'web:test/booted'");
    await refused(['deploy', 'f'.repeat(64)], `cannot find commit '${'f'.repeat(64)}' in 'web:test/booted'`);
    await refused(
      ['deploy', '--skip-branch-check', 'f'.repeat(64)],
      `cannot pull '${'f'.repeat(64)}' from remote 'web'`,
    );
  });

  test('a server that is not there', async () => {
    await world.addRemote('dead', 'http://127.0.0.1:1');
    await refused(['rebase', 'dead:test/booted'], "from remote 'dead'", 'the connection failed');
  });

  test('a file that was damaged on the server is named, and nothing is deployed', async () => {
    const next = await remote.publish(another());
    const [object = ''] = await objectsOf(next, '/usr/share/aot-number');
    remote.server.faults[object] = { body: 'this is no object' };
    await refused(['upgrade'], "cannot pull 'test/booted' from remote 'web'", 'the repository there is damaged');
    delete remote.server.faults[object];
    expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
    expect((await world.run(['ostree', 'fsck', '--repo=/ostree/repo', '--quiet'], { ok: 'any' })).exitCode).toBe(0);
  });
});

describe('signatures', () => {
  beforeAll(async () => {
    const key = await remote.key('vendor');
    await run('cp', [key, join(world.runtime, 'vendor.asc')]);
    await world.addRemote('signed', remote.server.url, '--gpg-import=/run/vendor.asc');
  });

  test('none: refused, naming remote and commit', async () => {
    const next = await remote.publish(another());
    await refused(['rebase', 'signed:test/booted'], "from remote 'signed'", `commit '${next}'`, 'it has no signature');
  });

  test("somebody else's: refused", async () => {
    const next = await remote.publish(another(), { sign: 'stranger' });
    await refused(
      ['rebase', 'signed:test/booted'],
      "from remote 'signed'",
      `commit '${next}'`,
      'its signature cannot be verified',
    );
  });

  test("the vendor's: deployed; a commit without is refused afterwards", async () => {
    const next = await remote.publish(another(), { sign: 'vendor' });
    expect(await world.aptOstree(['rebase', 'signed:test/booted'])).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ checksum: next });
    await remote.publish(another());
    await refused(['upgrade'], 'it has no signature');
  });

  test('ed25519 where libostree cannot verify it', async () => {
    const { stdout } = await world.run(['ostree', '--version']);
    expect(stdout).not.toContain('sign-ed25519');
    await world.addRemote('modern', remote.server.url, '--no-gpg-verify', '--set=sign-verify=true');
    await refused(['rebase', 'modern:test/booted'], 'it wants ed25519 signatures');
  });
});

describe('deploy', () => {
  test('a version of the past, and back with an upgrade', async () => {
    const old = await remote.publish(another());
    const version = `13.${number}`;
    const next = await remote.publish(another());
    expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ checksum: next });
    expect(await world.aptOstree(['deploy', `VERSION=${version}`])).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ checksum: old, origin: { refspec: 'web:test/booted', overrideCommit: old } });
    expect(await world.aptOstree(['deploy', old, '--unchanged-exit-77'])).toMatchObject({
      exitCode: 77,
      stdout: 'No change.\n',
    });
    await refused(['deploy', '--disallow-downgrade', world.commit], 'it is chronologically older');
    expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ checksum: next });
    expect((await first())?.origin.overrideCommit).toBeUndefined();
  });

  test('a commit of another branch only when that is said', async () => {
    const foreign = await remote.publish(another(), { ref: 'test/foreign' });
    await refused(['deploy', foreign], `cannot find commit '${foreign}' in 'web:test/booted'`, '--skip-branch-check');
    expect(await world.aptOstree(['deploy', '--skip-branch-check', foreign])).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ checksum: foreign });
  });

  test.each([['revision=abc'], ['version='], [''], []])('%s names nothing', async (...words) => {
    await refused(['deploy', ...words], words.length === 0 ? 'missing argument REVISION' : 'cannot deploy');
  });
});

describe('rebase to what is no branch of a remote', () => {
  test('a repository on this machine: pinned to its commit', async () => {
    const commit = await world.nextCommit(another());
    expect(await world.aptOstree(['rebase', '/run/upstream:test/booted'])).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ checksum: commit, origin: { refspec: commit } });
    await refused(['upgrade'], 'Pinned to commit; no upgrade available');
    await refused(['rebase', '/run/upstream'], "Missing ':' in LOCALPATH:REF rebase");
    await refused(['rebase', '/etc:test/booted'], "'/etc' is no OSTree repository");
    await refused(['rebase', '/run/upstream:no/such'], "cannot find 'no/such' in '/run/upstream'");
  });

  test('a commit, with an origin of its own', async () => {
    const words = ['--custom-origin-description=made here', '--custom-origin-url=https://example.org/x'];
    expect(await world.aptOstree(['rebase', world.commit, ...words])).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({
      origin: { refspec: world.commit, customDescription: 'made here', customUrl: 'https://example.org/x' },
    });
    await refused(['upgrade'], "Pinned to commit by 'made here'; no upgrade available");
  });

  test.each([
    [[], 'Must specify refspec, or -b branch or -m remote'],
    [[''], 'Refspec is empty'],
    [['a:b:c'], "cannot use the refspec 'a:b:c'"],
    [['../x'], "cannot use the refspec '../x'"],
    [['web:x', '-b', 'y'], "cannot use REFSPEC together with '--branch'"],
    [['web:x', '--custom-origin-url=u'], "without '--custom-origin-description'"],
    [['ostree-unverified-registry:'], "cannot use the image reference 'ostree-unverified-registry:'"],
    [['ostree-unverified-registry:example.org/x', '7'], "surplus argument '7': a version of an image is its tag"],
  ])('%s is refused', async (words, reason) => {
    await refused(['rebase', ...words], reason);
  });
});

test('files of /etc that both sides changed are named', async () => {
  world.write('/etc/aot-both', 'here\n');
  await remote.publish({ ...another(), files: { 'usr/etc/aot-both': 'there\n' } });
  const { exitCode, stderr } = await world.aptOstree(['upgrade']);
  expect(exitCode).toBe(0);
  expect(stderr).toContain('/etc/aot-both\n');
});

describe('somebody else is at work', () => {
  afterEach(() => {
    delete remote.server.faults['*'];
  });

  test('says who; `cancel` ends it, and everything is as before', async () => {
    await remote.publish(another());
    const before = await state();
    remote.server.faults['*'] = { hang: true };
    // one process namespace for all of them, as on a host
    const script = `
      T=/run/checkout/node_modules/.bin/apt-ostree
      $T upgrade > /run/upgrade.out 2>&1 & holder=$!
      for i in $(seq 300); do grep -q upgrade /ostree/apt-ostree.lock 2>/dev/null && break; sleep 0.1; done
      $T kargs --append=x > /run/busy.out 2>&1; echo busy=$?
      $T cancel > /run/cancel.out 2>&1; echo cancel=$?
      wait $holder; echo holder=$?
      $T cancel`;
    const { stdout } = await world.run(['sh', '-c', script]);
    expect(stdout).toContain('busy=1\ncancel=0\n');
    expect(stdout).toMatch(/holder=143\nNo active transaction\.\n$/);
    const said = async (name: string) => (await world.run(['cat', `/run/${name}.out`])).stdout;
    expect(await said('busy')).toContain('held by apt-ostree upgrade (process ');
    expect(await said('cancel')).toBe('Cancelling transaction: upgrade\nCancelled.\n');
    expect(await state()).toBe(before);
  });
});

/** Where a server has the objects of the files at and below a path. */
async function objectsOf(commit: string, path: string): Promise<string[]> {
  const { stdout } = await run('ostree', ['ls', '-R', '--checksum', `--repo=${world.repo}`, commit, path]);
  const sums = [...stdout.matchAll(/^-.*?\b([0-9a-f]{64})\b/gm)].map((m) => m[1] as string);
  return sums.map((sum) => `/objects/${sum.slice(0, 2)}/${sum.slice(2)}.filez`);
}

/** Libostree's own name for the delta between two commits: their checksums in a base64 of its own. */
function deltaPath(from: string, to: string): string {
  const name = (hex: string) => Buffer.from(hex, 'hex').toString('base64').replace(/\//g, '_').replace(/=+$/, '');
  const [a, b] = [name(from), name(to)];
  return join('deltas', a.slice(0, 2), `${a.slice(2)}-${b}`);
}
