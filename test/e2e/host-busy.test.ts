import { beforeAll, describe, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';

let world: BootedWorld;

beforeAll(async () => {
  world = await bootedWorld('host-busy');
  await world.nextCommit({ version: '13.1', files: { 'usr/share/aot-first': 'first\n' } });
  expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
  await world.reboot(); // there is one that runs, and one behind it
});

const TOOL = '/run/checkout/node_modules/.bin/aot-deploy';
const deployments = async () => (await world.status()).deployments;

/** A program that is called `ostree` and does what the script says before or after the real one. */
async function wrapped(script: string): Promise<{ env: Record<string, string> }> {
  world.write('/run/wrapped/ostree', `#!/bin/sh\n${script}`);
  await world.run(['chmod', '+x', '/run/wrapped/ostree']);
  return { env: { PATH: '/run/wrapped:/usr/sbin:/usr/bin:/sbin:/bin' } };
}

describe('another program changes the deployments while an upgrade is fetched', () => {
  test.each([
    ['deploys', 'ostree admin deploy --stage --karg-append=theirs debian:test/booted'],
    ['undeploys', 'ostree admin undeploy 0'],
    ['pins', 'ostree admin pin 0'],
  ])('%s: the upgrade ends, and the list is as the other left it', async (_, line) => {
    await world.nextCommit({ files: { 'usr/share/aot-next': `${line}\n` } });
    const before = JSON.stringify(await deployments());
    const options = await wrapped(`case $1 in pull) /usr/bin/ostree "$@" || exit; PATH=/usr/bin:/bin
      { ${line}; ostree admin status; } > /run/left 2>&1;; *) exec /usr/bin/ostree "$@";; esac\n`);
    const { exitCode, stdout, stderr } = await world.aptOstree(['upgrade'], options);
    const left = (await world.run(['cat', '/run/left'])).stdout;
    expect({ exitCode, stdout, stderr }, left).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining("cannot go on: another program changed the deployments of '/' meanwhile\n"),
    });
    expect(JSON.stringify(await deployments())).not.toBe(before);
    const status = (await world.run(['ostree', 'admin', 'status'])).stdout;
    expect(left.endsWith(status), `${left}\n${status}`).toBe(true);
  });

  test('once more, and it is done: on top of what the other left', async () => {
    await world.run(['ostree', 'admin', 'pin', '--unpin', '0']);
    await world.run(['ostree', 'admin', 'deploy', '--stage', '--karg-append=theirs', 'debian:test/booted']);
    await world.nextCommit({ version: '13.3', files: { 'usr/share/aot-third': 'third\n' } });
    expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
    expect((await deployments())[0]?.kernelArguments).toContain('theirs');
  });
});

test.each([['rollback'], ['cleanup', '--pending'], ['finalize', '--allow-unlocked'], ['kargs', '--append=x']])(
  '%s of deployments that are not those that were read',
  async (...words) => {
    const before = JSON.stringify(await deployments());
    const { exitCode, stdout, stderr } = await world.tool('aot-deploy', [...words, `--as-read=${'0'.repeat(64)}`]);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 75,
      stdout: '',
      stderr: expect.stringContaining('another program changed the deployments'),
    });
    expect(JSON.stringify(await deployments())).toBe(before);
  },
);

test('a second operation is told who is at it; with --wait it waits, and is done afterwards', async () => {
  const booted = (await world.status()).booted?.index;
  await wrapped(
    `case "$1 $2" in 'admin pin') until [ -e /run/go ]; do sleep 0.1; done; esac\nexec /usr/bin/ostree "$@"\n`,
  );
  // one process namespace for all of them, as on a host
  const script = `
    PATH=/run/wrapped:$PATH ${TOOL} pin ${booted} > /run/first.out 2>&1 & first=$!
    until grep -q pin /ostree/apt-ostree.lock 2>/dev/null; do sleep 0.1; done
    ${TOOL} unpin ${booted} 2> /run/busy.out; echo busy=$?
    ${TOOL} unpin ${booted} --wait > /run/waiting.out 2>&1 & second=$!
    until grep -qsx flock /proc/[0-9]*/comm; do sleep 0.1; done
    cat /run/waiting.out; touch /run/go
    wait $first; echo first=$?; wait $second; echo second=$?`;
  const { stdout } = await world.run(['sh', '-c', script]);
  expect(stdout).toBe('busy=75\nfirst=0\nsecond=0\n');
  const said = async (name: string) => (await world.run(['cat', `/run/${name}.out`])).stdout;
  expect(await said('busy')).toMatch(
    /^aot-deploy: cannot lock '\S+apt-ostree\.lock': held by aot-deploy pin \(process \d+\)\nhint: /,
  );
  const [first, second] = [JSON.parse(await said('first')), JSON.parse(await said('waiting'))];
  expect([first.changed, first.deployments[booted ?? 0].pinned]).toEqual([true, true]);
  expect([second.changed, second.deployments[booted ?? 0].pinned]).toEqual([true, false]);
});
