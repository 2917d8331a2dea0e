import { rmSync } from 'node:fs';
import { readSysroot } from '@apt-ostree/host';
import { describe, expect, test } from 'vitest';
import { status as definition, type StatusArgs } from '../src/host/status/command.ts';
import { gatherFacts } from '../src/host/status/facts.ts';
import { statusJson } from '../src/host/status/json.ts';
import { status } from '../src/host/status/status.ts';
import { deploymentsText } from '../src/host/status/text.ts';
import { waitingOf } from '../src/host/status/waiting.ts';
import { fakeContext, parse } from './fake.ts';
import { type Row, smallSysroot } from './small-sysroot.ts';

async function runStatus(sysroot: string, ...words: string[]) {
  const { context, out } = fakeContext();
  const code = await status(parse<StatusArgs>(definition, [`--sysroot=${sysroot}`, ...words]), context);
  return { code, text: out.join('') };
}

/** Two commits with versions, the second deployed over the first. */
async function twoDeployments() {
  const lab = await smallSysroot();
  const old = await lab.commit({
    version: '1.0',
    time: '2026-01-01T08:00:00Z',
    packages: [
      ['bash', '5.2-1', 'amd64'],
      ['nano', '8.4-1', 'amd64'],
      ['vim', '2:9.1-2', 'amd64'],
    ],
  });
  await lab.deploy('os');
  lab.write('usr/etc/hostname', 'other\n');
  const now = await lab.commit({
    version: '1.1',
    time: '2026-02-01T08:00:00Z',
    packages: [
      ['bash', '5.2-1+b2', 'amd64'],
      ['htop', '3.4-1', 'amd64'],
      ['vim', '2:9.1-1', 'amd64'],
    ],
  });
  await lab.deploy('os');
  return { lab, old, now };
}

describe('text', () => {
  test('a sysroot that does not run: no dot and nothing that waits', async () => {
    const { lab, old, now } = await twoDeployments();
    const { code, text } = await runStatus(lab.path);
    expect(code).toBe(0);
    expect(text).toBe(`State: idle
Deployments:
  os
                  Version: 1.1 (2026-02-01T08:00:00Z)
                   Commit: ${now}

  os
                  Version: 1.0 (2026-01-01T08:00:00Z)
                   Commit: ${old}
`);
  });

  test('the deployment that waits is compared with the booted one', async () => {
    const { lab, old, now } = await twoDeployments();
    const sysroot = await lab.boot(1);
    const facts = await gatherFacts(sysroot, sysroot.deployments);
    const text = (verbose: boolean) =>
      deploymentsText(facts, waitingOf(sysroot, facts), {
        ...{ verbose, advisories: verbose, booted: false, severalStateroots: false },
      });
    expect(text(false)).toBe(`Deployments:
  os
                  Version: 1.1 (2026-02-01T08:00:00Z)
                   Commit: ${now}
                     Diff: 1 upgraded, 1 downgraded, 1 removed, 1 added

● os
                  Version: 1.0 (2026-01-01T08:00:00Z)
                   Commit: ${old}
`);
    expect(text(true)).toBe(`Deployments:
  os (index: 0)
                  Version: 1.1 (2026-02-01T08:00:00Z)
                   Commit: ${now}
                   Staged: no
                StateRoot: debian
                 Upgraded: bash 5.2-1 -> 5.2-1+b2
               Downgraded: vim 2:9.1-2 -> 2:9.1-1
                  Removed: nano_8.4-1_amd64
                    Added: htop_3.4-1_amd64

● os (index: 1)
                  Version: 1.0 (2026-01-01T08:00:00Z)
                   Commit: ${old}
                   Staged: no
                StateRoot: debian
`);
  });

  test('what the origin says', async () => {
    const lab = await smallSysroot();
    await lab.commit({ metadata: ["ostree.endoflife='use 14'"] });
    await lab.deploy('os');
    await lab.admin('pin', '0');
    await lab.origin(
      0,
      `[origin]
baserefspec=gone:os
custom-url=https://example.org/os
custom-description=Our own
[packages]
requested=zsh;Ack;htop;
requested-local=${'0'.repeat(64)}:tool_1_amd64;
[rpmostree]
regenerate-initramfs=true
initramfs-etc=/etc/b;/etc/a;
[libostree-transient]
pinned=true
`,
    );
    const { text } = await runStatus(lab.path, '-v');
    const [, ...lines] = text.split('\n').slice(2);
    expect(text.split('\n')[2]).toBe('  https://example.org/os (index: 0)');
    expect(
      lines.filter((l) => !/Timestamp|Commit|Staged|StateRoot/.test(l)).join('\n'),
    ).toBe(`             CustomOrigin: Our own
       OstreeRemoteStatus: remote 'gone' is not configured
         InactiveRequests: Ack htop zsh
            LocalPackages: tool_1_amd64
                Initramfs: regenerate
             InitramfsEtc: /etc/a /etc/b
                   Pinned: yes
                EndOfLife: use 14
`);
  });

  test('no deployments', async () => {
    const lab = await smallSysroot();
    expect((await runStatus(lab.path)).text).toBe('State: idle\nNo deployments.\n');
  });
});

describe('JSON', () => {
  test("rpm-ostree's members with their types", async () => {
    const { lab, now } = await twoDeployments();
    await lab.commit({ version: '1.2', time: '2026-03-01T08:00:00Z' });
    const { text } = await runStatus(lab.path, '--json');
    const document = JSON.parse(text);
    expect(Object.keys(document)).toEqual(['deployments', 'transaction', 'cached-update', 'update-driver']);
    expect(document.transaction).toBeNull();
    expect(document['cached-update']).toBeNull();
    expect(document.deployments).toHaveLength(2);
    const tip = (await lab.ostree('rev-parse', `--repo=${lab.repo}`, 'os')).trim();
    expect(document.deployments[0]).toEqual({
      id: `debian-${now}.0`,
      osname: 'debian',
      checksum: now,
      serial: 0,
      booted: false,
      staged: false,
      pinned: false,
      unlocked: 'none',
      origin: 'os',
      version: '1.1',
      timestamp: Date.parse('2026-02-01T08:00:00Z') / 1000,
      'base-commit-meta': { 'ostree.ref-binding': ['os'] },
      'pending-base-checksum': tip,
      'pending-base-version': '1.2',
      'pending-base-timestamp': Date.parse('2026-03-01T08:00:00Z') / 1000,
      packages: [],
      'base-removals': [],
      'base-local-replacements': [],
      'base-remote-replacements': {},
      'requested-packages': [],
      'requested-local-packages': [],
      'requested-local-fileoverride-packages': [],
      'requested-base-removals': [],
      'requested-base-local-replacements': [],
      'regenerate-initramfs': false,
    });
  });

  test('what waits is the cached update', async () => {
    const { lab, old, now } = await twoDeployments();
    const sysroot = await lab.boot(1);
    const facts = await gatherFacts(sysroot, sysroot.deployments);
    expect(statusJson(facts, waitingOf(sysroot, facts), undefined)['cached-update']).toEqual({
      osname: 'debian',
      checksum: now,
      version: '1.1',
      timestamp: Date.parse('2026-02-01T08:00:00Z') / 1000,
      origin: 'os',
      'ref-has-new-commit': true,
      'rpm-diff': {
        upgraded: [[0, 'bash', ['5.2-1', 'amd64'], ['5.2-1+b2', 'amd64']]],
        downgraded: [[0, 'vim', ['2:9.1-2', 'amd64'], ['2:9.1-1', 'amd64']]],
        removed: [[0, 'nano', '8.4-1', 'amd64']],
        added: [[0, 'htop', '3.4-1', 'amd64']],
      },
      deployment: `debian-${now}.0`,
      'update-sha256': old,
    });
  });

  test('what is layered is no part of the base: the branch has nothing new, and the packages are of the layer', async () => {
    const lab = await smallSysroot();
    const base = await lab.commit({ packages: [['bash', '5.2-1', 'amd64']] });
    const layer = (...rows: Row[]) =>
      lab.commit({
        packages: [['bash', '5.2-1', 'amd64'], ...rows],
        branch: 'layered',
        metadata: ['aptostree.clientlayer=true', `aptostree.base-commit='${base}'`],
      });
    await layer(['nano', '8.4-1', 'amd64'], ['vim', '9.1-1', 'amd64']);
    await lab.deploy('layered');
    await layer(['nano', '8.4-2', 'amd64'], ['htop', '3.4-1', 'amd64']);
    await lab.deploy('layered');
    const sysroot = await lab.boot(1);
    const facts = await gatherFacts(sysroot, sysroot.deployments);
    expect(statusJson(facts, waitingOf(sysroot, facts), undefined)['cached-update']).toMatchObject({
      checksum: base,
      'ref-has-new-commit': false,
      'rpm-diff': {
        upgraded: [[1, 'nano', ['8.4-1', 'amd64'], ['8.4-2', 'amd64']]],
        downgraded: [],
        removed: [[1, 'vim', '9.1-1', 'amd64']],
        added: [[1, 'htop', '3.4-1', 'amd64']],
      },
    });
  });

  test('of a layered deployment base and layer', async () => {
    const lab = await smallSysroot();
    const base = await lab.commit({ version: '1' });
    await lab.ostree('refs', `--repo=${lab.repo}`, '--create=aot/base/0', base);
    const tuple = "('nano_8.4-1_amd64','nano','0','8.4','1','amd64')";
    const layered = await lab.commit({
      metadata: [
        'aptostree.clientlayer=true',
        "aptostree.layered-packages=['htop']",
        `aptostree.removed-base-packages=[<${tuple}>]`,
      ],
    });
    await lab.deploy('os');
    const [d] = JSON.parse((await runStatus(lab.path, '--json')).text).deployments;
    expect(d).toMatchObject({
      checksum: layered,
      'base-checksum': base,
      'base-version': '1',
      packages: ['htop'],
      'base-removals': [['nano_8.4-1_amd64', 'nano', '0', '8.4', '1', 'amd64']],
      'layered-commit-meta': { 'aptostree.clientlayer': true },
    });
    const { text } = await runStatus(lab.path);
    expect(text).toContain(`               BaseCommit: ${base}\n`);
    expect(text).toContain('      RemovedBasePackages: nano 8.4-1\n          LayeredPackages: htop\n');
  });

  test('JSONPath selects', async () => {
    const { lab, old, now } = await twoDeployments();
    const select = async (expression: string) => JSON.parse((await runStatus(lab.path, '-J', expression)).text);
    expect(await select('$.deployments[*].checksum')).toEqual([now, old]);
    expect(await select('$.deployments[?@.version=="1.0"].checksum')).toEqual([old]);
    expect(await select('$.nothing')).toEqual([]);
    await expect(select('$.deployments[')).rejects.toThrow("JSONPath expression '$.deployments['");
  });
});

describe('a deployment that is damaged hides no other one', () => {
  test('its origin is corrupt', async () => {
    const { lab, old, now } = await twoDeployments();
    await lab.origin(1, 'rubbish\n');
    const { code, text } = await runStatus(lab.path);
    const message = `cannot read '${lab.path}/ostree/deploy/debian/deploy/${old}.0.origin': line 1`;
    expect(code).toBe(0);
    expect(text).toContain(
      `  os\n                  Version: 1.1 (2026-02-01T08:00:00Z)\n                   Commit: ${now}\n`,
    );
    expect(text).toContain(`  ${old}\n                  Damaged: ${message}`);
    const { deployments } = JSON.parse((await runStatus(lab.path, '--json')).text);
    expect(deployments).toMatchObject([
      { checksum: now, origin: 'os' },
      { checksum: old, 'deployment-error': expect.stringContaining(message) },
    ]);
    expect(deployments[0]).not.toHaveProperty('deployment-error');
  });

  test('its directory was removed by hand', async () => {
    const { lab, old, now } = await twoDeployments();
    rmSync(`${lab.path}/ostree/deploy/debian/deploy/${old}.0`, { recursive: true });
    const { text } = await runStatus(lab.path);
    expect(text).toContain(`                   Commit: ${now}\n`);
    expect(text).toMatch(
      new RegExp(`Damaged: cannot find the deployment '\\S+/${old}\\.0', which the boot loader offers\n`),
    );
  });
});

describe('refused', () => {
  test('both forms of JSON', async () => {
    const lab = await smallSysroot();
    await expect(runStatus(lab.path, '--json', '--jsonpath=$')).rejects.toThrow(
      "cannot specify both '--json' and '--jsonpath'",
    );
  });
  test('--booted where nothing runs', async () => {
    const lab = await smallSysroot();
    await expect(runStatus(lab.path, '-b')).rejects.toThrow('cannot find a booted deployment');
  });
  test('a commit that is gone', async () => {
    const { lab, now } = await twoDeployments();
    await lab.ostree('refs', `--repo=${lab.repo}`, '--delete', 'os');
    const { deployments } = await readSysroot(lab.path);
    expect(deployments).toHaveLength(2);
    rmSync(`${lab.repo}/objects/${now.slice(0, 2)}/${now.slice(2)}.commit`);
    await expect(runStatus(lab.path)).rejects.toThrow(`cannot find the commit '${now}'`);
  });
});

test('77 where several deployments are there and the first one does not run', async () => {
  const { lab } = await twoDeployments();
  expect((await runStatus(lab.path, '--pending-exit-77')).code).toBe(77);
  expect((await runStatus(lab.path)).code).toBe(0);
  const single = await smallSysroot();
  await single.commit();
  await single.deploy('os');
  expect((await runStatus(single.path, '--pending-exit-77')).code).toBe(0);
});
