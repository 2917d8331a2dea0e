import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { type ArchivePackage, buildArchive, buildDeb, tool } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CACHE, TOP } from '../lib/checkout.ts';
import { type ContainerWorld, containerWorld } from '../lib/container-world.ts';
import { shellBlocks } from '../lib/guide.ts';
import { scratch } from '../lib/scratch.ts';

// Images that are built from one of ours, by podman, with apt-ostree in the Containerfile.

const PACKAGES: ArchivePackage[] = [
  {
    name: 'aot-tool',
    files: { '/usr/bin/aot-tool': { content: '#!/bin/sh\necho tool 1\n', mode: 0o755 }, '/etc/aot-tool.conf': 'one\n' },
    conffiles: ['/etc/aot-tool.conf'],
    control: { Depends: 'aot-lib', Recommends: 'aot-extra' },
  },
  { name: 'aot-lib', files: { '/usr/lib/aot-lib/data': 'lib\n' } },
  { name: 'aot-extra', files: { '/usr/share/aot-extra': 'extra\n' } },
  {
    name: 'aot-daemon',
    files: { '/etc/init.d/aot-daemon': { content: '#!/bin/sh\n: > /usr/share/it-was-started\n', mode: 0o755 } },
    conffiles: ['/etc/init.d/aot-daemon'],
    control: { Depends: 'passwd' }, // before it is configured in a compose, there is no shadow(5)
    scripts: {
      postinst: [
        'useradd --system --home-dir /var/lib/aot-daemon --shell /usr/sbin/nologin aot-daemon',
        'install -d -o aot-daemon -g aot-daemon -m 750 /var/lib/aot-daemon /var/log/aot-daemon',
        'echo seed > /var/lib/aot-daemon/seed; echo installed > /var/log/aot-daemon/log',
        'invoke-rc.d aot-daemon start; /usr/sbin/invoke-rc.d aot-daemon start || [ $? = 101 ]',
      ].join('\n'),
    },
  },
  { name: 'htop', files: { '/usr/share/htop': 'of the guide\n' } },
  { name: 'aot-old', version: '1', files: { '/usr/share/aot-old': 'one\n' } },
  { name: 'aot-recommends', control: { Recommends: 'aot-extra' } },
  { name: 'aot-needs-old', control: { Depends: 'aot-old' } },
  { name: 'aot-needs-lib', control: { Depends: 'aot-lib' } },
  { name: 'aot-fails', scripts: { postinst: 'echo what went wrong; exit 3' } },
];

let world: ContainerWorld;
/** What the build of the image 'installed' said, which the others start from. */
let installed: string;
beforeAll(async () => {
  world = await containerWorld('image-derived', PACKAGES);
  const steps = [
    `RUN SOURCE_DATE_EPOCH=${world.base.commit.timestamp} apt-ostree install aot-tool aot-daemon aot-old`,
    'RUN apt-ostree cleanup -m',
    'RUN aot-tool && dpkg --audit && ls -A /run /tmp && id aot-daemon',
  ];
  installed = await built('installed', steps.join('\n'));
});
afterAll(() => world?.server.close());

/** Runs a build that has to succeed. */
async function built(name: string, steps: string, from?: string): Promise<string> {
  const { exitCode, stdout, stderr } = await world.build(name, steps, from);
  expect({ exitCode, stderr: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout + stderr;
}

/** What a derived image has and a composed one has not: by exact path, with a reason each. */
const OF_THE_BUILD = [
  /^A {4}\/usr\/(bin\/(aot-|apt-ostree)|lib\/apt-ostree)/, // copied into the base by the test
  /^A {4}\/usr\/etc\/(apt\/sources.list.d\/test.sources|apt-ostreed.conf)$/,
  /^A {4}\/usr\/lib\/sysimage\/apt-ostree(\/brought)?$/, // what came for others, so that it can go with them
  /^A {4}\/usr\/etc\/hosts$/, // podman leaves an empty one where the image has none
];

describe('packages that are installed in a Containerfile', () => {
  it('are there at once, and are said', () => {
    expect(installed).toContain('Added:\n  aot-daemon_1.0-1_all\n  aot-lib_1.0-1_all\n  aot-old_1_all\n');
    expect(installed).toMatch(/tool 1\n/);
    expect(installed).toMatch(/uid=\d+\(aot-daemon\)/);
  });

  it('make the tree that a compose makes of them', async () => {
    const repo = join(scratch('image-derived-repo'), 'repo');
    await world.imported(await world.layout('installed'), repo);
    const composed = await compose(['aot-tool', 'aot-daemon', 'aot-old'], repo);
    const { stdout } = await run('ostree', ['diff', `--repo=${repo}`, composed, 'derived']);
    const lines = stdout
      .split('\n')
      .filter((line) => line !== '' && !OF_THE_BUILD.some((allowed) => allowed.test(line)));
    expect(lines).toEqual([]);
  });

  it('leave an image that the lints have nothing to say about', async () => {
    // the base is for containers and has no kernel; empty files are where podman mounts its own
    const skip = ['--skip', 'kernel-missing', '--skip', 'buildah-injected'];
    const image = `oci:${await world.layout('installed')}`;
    const { code, stdout } = await tool('apt-ostree', ['compose', 'lint', '--fatal-warnings', ...skip, image]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.not.stringMatching(/^(warning|error):/m) });
  });
});

/** Composes the base with more packages into a repository. @returns the commit */
async function compose(packages: string[], repo: string): Promise<string> {
  const directory = scratch('image-derived-treefile');
  cpSync(join(TOP, 'test/trees/container.yaml'), join(directory, 'base.yaml'));
  writeFileSync(join(directory, 'test.sources'), world.archive.sources(world.server.url));
  const more = { include: 'base.yaml', repos: ['test'], 'machine-repos': true, packages };
  writeFileSync(join(directory, 'more.json'), JSON.stringify(more));
  const args = ['compose', 'tree', '--cachedir', CACHE, '--repo', repo, '--write-commitid-to', join(directory, 'id')];
  const env = { SOURCE_DATE_EPOCH: String(world.base.commit.timestamp) }; // shadow(5) has the day of a password's change
  const { code, stderr } = await tool('apt-ostree', [...args, join(directory, 'more.json')], { timeout: 900_000, env });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return readFileSync(join(directory, 'id'), 'utf8').trim();
}

describe('what a Containerfile changes of an image', () => {
  it('goes with its configuration when it is uninstalled', async () => {
    const said = await built(
      'uninstalled',
      [
        'RUN mkdir /var/lib/ucf && echo by hand > /var/lib/ucf/hashfile', // of a lower layer, whose directories cannot be renamed
        'RUN apt-ostree uninstall aot-tool && apt-ostree cleanup -m && cat /usr/lib/sysimage/ucf/hashfile',
        'RUN ! test -e /etc/aot-tool.conf && dpkg --audit && dpkg --list "aot-*"',
      ].join('\n'),
      'installed',
    );
    expect(said).toContain('Removed:\n  aot-lib_1.0-1_all\n  aot-tool_1.0-1_all\n');
    expect(said).not.toMatch(/^\w+ +aot-(tool|lib) /m);
    expect(said).toContain('by hand\n');
    expect(said).toMatch(/^ii +aot-daemon /m);
  });

  it('takes what came with it along, unless somebody needs or wants that', async () => {
    const state = (name: string) => `dpkg-query --show --showformat='\${Package} \${db:Status-Abbrev}\\n' ${name}`;
    const said = await built(
      'autoremoved',
      [
        `RUN apt-ostree uninstall ostree && ${state('libostree-1-1')}`, // of the base, and not needed any more either
        `RUN apt-ostree uninstall aot-tool --install aot-needs-lib && ${state('aot-lib')}`,
        `RUN apt-ostree uninstall --dry-run aot-needs-lib && apt-ostree uninstall aot-needs-lib && ! ${state('aot-lib')}`,
        `RUN apt-ostree install aot-needs-lib && apt-ostree install aot-lib && apt-ostree uninstall aot-needs-lib && ${state('aot-lib')}`,
      ].join('\n'),
      'installed',
    );
    const removals = said.match(/Removed:\n(?: {2}\S+\n)+/g)?.map((text) => text.match(/(?<= {2})[^_\n]+/g)) ?? [];
    expect(removals.map((names) => names?.filter((name) => !/^(?:ostree|libostree)/.test(name)))).toEqual([
      [],
      ['aot-tool'],
      ['aot-lib', 'aot-needs-lib'], // it would
      ['aot-lib', 'aot-needs-lib'],
      ['aot-needs-lib'],
    ]);
    expect(said).toMatch(/^libostree-1-1 ii $/m);
    expect(said.match(/^aot-lib ii $/gm)).toHaveLength(2);
  });

  it('comes from the sources that are named for once', async () => {
    const other = await buildArchive({
      directory: join(world.archive.directory, 'other'),
      packages: [{ name: 'aot-elsewhere', files: { '/usr/share/aot-elsewhere': 'from there\n' } }],
      architectures: ['amd64'],
    });
    const file = `# kept as it is\nEnabled: no\n${other.sources(`${world.server.url}/other`)}`;
    writeFileSync(join(world.context, 'other.sources'), file);
    const at = '/etc/apt/sources.list.d/other.sources';
    const said = await built(
      'sources',
      [
        `COPY other.sources ${at}`,
        'RUN apt-ostree install aot-elsewhere; echo "answered $?"',
        'RUN apt-ostree install --disablerepo \'*\' --enablerepo other aot-extra; echo "answered $?"',
        'RUN apt-ostree install --enablerepo none aot-extra; echo "answered $?"',
        "RUN apt-ostree install --disablerepo 'test*' --enablerepo other.sources:1 aot-elsewhere && cat /usr/share/aot-elsewhere",
        `RUN cat ${at} && apt-ostree install aot-extra`,
      ].join('\n'),
      'installed',
    );
    expect(said.match(/^answered 1$/gm)).toHaveLength(3);
    expect(said).toContain("packages not found: 'aot-elsewhere'");
    expect(said).toContain("packages not found: 'aot-extra'");
    expect(said).toMatch(/cannot find the source 'none'\nhint: there are .*other.sources:1/);
    expect(said).toContain('from there\n');
    expect(said).toContain('# kept as it is\nEnabled: no\n');
    expect(said).toContain('Added:\n  aot-extra_1.0-1_all\n');
  });

  it('is what docs/images.md says', async () => {
    const blocks = shellBlocks('docs/images.md', 'dockerfile');
    expect(blocks.length).toBeGreaterThan(0);
    for (const [i, block] of blocks.entries())
      expect(await built(`guide-${i}`, block.replace(/^FROM .*\n/, ''), 'installed')).toContain('  htop_1.0-1_all\n');
  });

  it('is removed and replaced by overrides', async () => {
    const newer = await buildDeb({ name: 'aot-old', version: '2', files: { '/usr/share/aot-old': 'two\n' } });
    writeFileSync(join(world.context, 'aot-old_2_all.deb'), newer);
    const said = await built(
      'overridden',
      [
        'COPY aot-old_2_all.deb /tmp/',
        'RUN apt-ostree override replace /tmp/aot-old_2_all.deb && rm /tmp/aot-old_2_all.deb && cat /usr/share/aot-old',
        'RUN apt-ostree override remove aot-tool && apt-ostree cleanup -m && dpkg --audit && ! test -e /usr/bin/aot-tool',
      ].join('\n'),
      'installed',
    );
    expect(said).toContain('Upgraded:\n  aot-old 1 -> 2\n');
    expect(said).toContain('two\n');
    expect(said).toContain('Removed:\n  aot-tool_1.0-1_all\n');
  });

  it('is what the files in origin.d say', async () => {
    writeFileSync(join(world.context, 'more.yaml'), 'packages:\n  - aot-needs-old\noverride-remove: [aot-tool]\n');
    const said = await built(
      'rebuilt',
      [
        'COPY more.yaml /etc/apt-ostree/origin.d/',
        'RUN apt-ostree ex rebuild && ls -A /etc/apt-ostree/origin.d && apt-ostree ex rebuild && apt-ostree cleanup -m',
      ].join('\n'),
      'installed',
    );
    expect(said).toMatch(
      /Removed:\n {2}aot-tool_1.0-1_all\nAdded:\n {2}aot-needs-old_1.0-1_all\nNo changes to apply.\n/,
    );
  });

  it('is what a treefile says', async () => {
    const more = { recommends: true, packages: ['aot-recommends'] };
    writeFileSync(join(world.context, 'more.json'), JSON.stringify(more));
    writeFileSync(
      join(world.context, 'treefile.yaml'),
      'variables: {more: false}\nconditional-include:\n  - {if: more == true, include: more.json}\npostprocess: [echo yes > /usr/share/done]\n',
    );
    const said = await built(
      'applied',
      [
        'COPY treefile.yaml more.json /tmp/',
        'RUN apt-ostree experimental compose treefile-apply /tmp/treefile.yaml --var more=true && cat /usr/share/done',
      ].join('\n'),
      'installed',
    );
    expect(said).toMatch(/Added:\n {2}aot-extra_1.0-1_all\n {2}aot-recommends_1.0-1_all\nyes\n/);
  });
});

// In one build, since each costs as much as what is tested; the last leaves a package half there.
const REFUSED: [command: string, words: RegExp][] = [
  ['install aot-missing', /packages not found: 'aot-missing'/],
  ['install aot-newer', /packages of the base would change: 'aot-old' 1 would be upgraded to 3/],
  ['install --reboot aot-needs-old', /cannot use '--reboot' in a container/],
  ['override remove aot-none', /packages not installed: 'aot-none'/],
  ['override remove aot-lib', /'aot-tool' 1.0-1 would be removed/],
  ['override replace aot-old', /cannot replace 'aot-old': it is no file/],
  ['override reset --all', /Resetting overrides is not supported in container mode/],
  [
    'install --releasever 14 aot-extra',
    /cannot use '--releasever': it sets a variable of RPM repositories; the sources in \/etc\/apt/,
  ],
  ['uninstall dpkg', /cannot remove 'dpkg': it is what changes the packages/],
  ['uninstall --all', /nothing tells its packages from the image's/],
  ['cleanup --pending', /it has no deployments/],
  ['kargs', /not booted via libostree; it is a container[\s\S]*'install', 'uninstall', 'override'/],
  ['rollback', /not booted via libostree; it is a container/],
  ['experimental compose treefile-apply /tmp/other.yaml', /cannot apply '\/tmp\/other.yaml' to a container: 'units'/],
  [
    'install aot-fails',
    /cannot configure the packages: dpkg ended with 1\n[\s\S]*\| what went wrong\n[\s\S]*aot-fails/,
  ],
];

it('what cannot be done is refused in words, and ends a build', async () => {
  const later = [
    { name: 'aot-old', version: '3' },
    { name: 'aot-newer', control: { Depends: 'aot-old (>= 3)' } },
  ];
  const { directory } = world.archive;
  await buildArchive({ directory, packages: [...PACKAGES, ...later], architectures: ['amd64'] });
  writeFileSync(join(world.context, 'other.yaml'), 'units: [a.service]\n');
  const commands = REFUSED.map(([command]) => `apt-ostree ${command}; echo "answered $?";`);
  const said = await built('refused', `COPY other.yaml /tmp/\nRUN { ${commands.join(' ')} } 2>&1`, 'installed');
  const answers = said.split(/answered (\d+)\n/);
  for (const [i, [command, words]] of REFUSED.entries()) {
    expect(answers[2 * i], command).toMatch(words);
    expect(answers[2 * i + 1], command).toBe('1');
  }
});
