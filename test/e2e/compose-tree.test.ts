import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hostArchitecture, serve, tool, toolPath } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Commits } from '../lib/commits.ts';
import { ComposeLab } from '../lib/compose-lab.ts';

let lab: ComposeLab;
let commits: Commits;
beforeAll(async () => {
  lab = await ComposeLab.open();
  commits = new Commits(lab.repo);
});

const at = (name: string): string => join(lab.directory, name);
const json = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));
const UNCHANGED = 'No apparent changes since previous commit; use --force-nocache to override\n';

/** Composes, and expects that to go well. */
async function compose(treefile: string, ...args: string[]): Promise<string> {
  const { code, stderr, stdout } = await lab.compose(treefile, ...args);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** Composes a new commit of a ref, and returns its checksum. */
async function commitOf(ref: string, treefile: string, ...args: string[]): Promise<string> {
  const stdout = await compose(treefile, ...args);
  const [, written] = new RegExp(`^${ref} => ([0-9a-f]{64})$`, 'm').exec(stdout) ?? [];
  expect(written, stdout).toBe(await commits.revision(ref));
  return written as string;
}

const FINE = ['fine'];

describe('without composing', () => {
  test('--print-only: the flattened treefile as JSON, variables replaced', async () => {
    const file = lab.treefile(
      { ref: 'os/${basearch}/${channel}', include: 'base.yaml', packages: ['top'], variables: { channel: 'next' } },
      { 'base.yaml': 'packages: [below]\nunits: [a.service]\n' },
    );
    const { code, stdout } = await lab.tool('apt-ostree', ['compose', 'tree', '--print-only', file]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ref: `os/${hostArchitecture()}/next`,
      packages: ['below', 'top'],
      units: ['a.service'],
      basearch: hostArchitecture(),
    });
    expect(JSON.parse(stdout)).not.toHaveProperty('include');
  });

  test('keys of derived systems are refused, all of them in one error', async () => {
    const keys = { packages: FINE, 'override-remove': ['x'], 'base-refspec': 'a/b' };
    expect(await lab.refuse(lab.treefile(keys))).toMatchObject({
      exit: 78,
      message: expect.stringMatching(
        /the following derivation fields are not supported.*: override-remove, base-refspec/,
      ),
    });
  });

  test('--dry-run lists the packages and leaves the ref alone', async () => {
    const file = lab.treefile({ ref: 'dry', packages: FINE });
    const { code, stdout } = await lab.tool('apt-ostree', ['compose', 'tree', '--dry-run', file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Installing 2 packages:\n {2}fine 1\.0-1 all\n {2}tiny-base 1 \w+\n--dry-run complete; exiting\n$/,
    );
    expect(await compose(file, '--dry-run')).toBe(stdout);
    expect(await commits.revision('dry')).toBeUndefined();
  });

  test.each(['--download-only', '--download-only-rpms'])('%s: what comes then needs no archive', async (option) => {
    const name = `later${option.length}`;
    const directory = await lab.archive(name, { packages: [{ name }] });
    const file = lab.treefile({ ref: name, repos: ['base', name], packages: [name] });
    expect(await compose(file, option)).toContain('--download-only complete; exiting\n');
    expect(await commits.revision(name)).toBeUndefined();
    renameSync(join(directory, 'pool'), join(directory, 'away'));
    await commitOf(name, file, '--cache-only');
  });

  test('--cache-only with nothing cached says what is missing', async () => {
    const file = lab.treefile({ packages: FINE });
    const args = ['compose', 'tree', '--cache-only', '--repo', lab.repo, '--cachedir', at('empty'), file];
    const { code, stdout, stderr } = await tool('apt-ostree', args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('cannot resolve without the network: the indices of these archives were never fetched');
  });

  test('--cache-only with indices and without a package names it', async () => {
    const server = await serve(
      await lab.archive('unseen', { packages: [{ name: 'unseen' }] }, '', 'http://archive.test'),
    );
    onTestFinished(() => server.close());
    const file = lab.treefile({ repos: ['base', 'unseen'], packages: ['unseen'] });
    await compose(file, '--dry-run', '--proxy', server.url);
    expect(await lab.refuse(file, '--cache-only')).toMatchObject({
      ...{ stage: 'fetch', exit: 69 },
      message: expect.stringContaining("'unseen'"),
    });
  });
});

describe('what has not changed', () => {
  test('is not composed again: says so, writes nothing, touches nothing', async () => {
    const file = lab.treefile({ ref: 'still', packages: FINE });
    const touched = at('touched');
    const first = await commitOf('still', file, '--touch-if-changed', touched);
    expect(existsSync(touched)).toBe(true);
    writeFileSync(touched, 'old');
    const again = [...['--touch-if-changed', at('other')], ...['--write-composejson-to', at('none.json')]];
    expect(await compose(file, ...again)).toMatch(new RegExp(`^Input state hash: [0-9a-f]{64}\n${UNCHANGED}$`));
    expect(existsSync(at('other'))).toBe(false);
    expect(await commits.revision('still')).toBe(first);
    const forced = await commitOf('still', file, '--force-nocache', '--touch-if-changed', at('other'));
    expect(await commits.parent(forced)).toBe(first);
    expect(existsSync(at('other'))).toBe(true);
  });

  test('--previous-inputhash and --previous-commit say what to compare with', async () => {
    const one = lab.treefile({ ref: 'prev', packages: FINE });
    const first = await commitOf('prev', one);
    const hash = (await commits.metadata(first, 'aptostree.inputhash'))?.slice(1, -1) as string;
    const two = lab.treefile({ ref: 'prev', packages: FINE, 'remove-files': ['/usr/share/none'] });
    const second = await commitOf('prev', two);
    expect(await compose(one, '--previous-inputhash', hash)).toContain(UNCHANGED);
    expect(await compose(one, '--previous-commit', first)).toContain(UNCHANGED);
    expect(await commits.revision('prev')).toBe(second);
    const other = '0'.repeat(64);
    expect(await commits.parent(await commitOf('prev', two, '--previous-inputhash', other))).toBe(second);
    const third = await commits.revision('prev');
    expect(await commits.parent(await commitOf('prev', two, '--previous-commit', first))).toBe(third);
  });
});

describe('the commit', () => {
  test('--parent and --no-parent', async () => {
    const file = lab.treefile({ ref: 'line', packages: FINE });
    const first = await commitOf('line', file, '--no-parent');
    expect(await commits.parent(first)).toBeUndefined();
    const second = await commitOf('line', file, '--force-nocache');
    const third = await commitOf('line', file, '--parent', first, '--force-nocache');
    expect([await commits.parent(second), await commits.parent(third)]).toEqual([first, first]);
    expect(await commits.parent(await commitOf('line', file, '--no-parent'))).toBeUndefined();
    expect(await lab.refuse(file, '--parent', first, '--no-parent')).toMatchObject({ exit: 64 });
    expect(await lab.refuse(file, '--parent', 'nowhere')).toMatchObject({
      exit: 66,
      message: expect.stringContaining("'nowhere'"),
    });
  });

  test('metadata from treefile, file and command line, with their types', async () => {
    const own = { text: 'a', number: 7, yes: true, list: ['x', 'y'], over: 'treefile' };
    writeFileSync(at('more.json'), JSON.stringify({ 'from.file': { deep: [1, 2] }, over: 'file', 'over.two': 'file' }));
    const file = lab.treefile({ ref: 'meta', packages: FINE, 'add-commit-metadata': own });
    const words = ['--add-metadata-string', 'from.word=a=b', '--add-metadata-string', 'over.two=word'];
    const commit = await commitOf('meta', file, '--add-metadata-from-json', at('more.json'), ...words);
    const all = { text: "'a'", yes: 'true', list: "[<'x'>, <'y'>]", over: "'file'", 'over.two': "'word'" };
    for (const [key, value] of Object.entries({ ...all, 'from.word': "'a=b'" }))
      expect([key, await commits.metadata(commit, key)]).toEqual([key, value]);
    expect(await commits.metadata(commit, 'number')).toMatch(/\b7$/);
    expect(await commits.metadata(commit, 'from.file')).toMatch(/'deep': <\[<.*1>, <.*2>\]>/);
    expect(await lab.refuse(file, '--force-nocache', '--add-metadata-string', 'word')).toMatchObject({ exit: 64 });
    writeFileSync(at('more.json'), '[1]');
    const bad = ['--force-nocache', '--add-metadata-from-json', at('more.json')];
    expect(await lab.refuse(file, ...bad)).toMatchObject({ exit: 65, message: expect.stringContaining('more.json') });
  });

  test('--write-commitid-to: the commit is there, the ref is not', async () => {
    const file = lab.treefile({ ref: 'unnamed', packages: FINE });
    const stdout = await compose(file, '--write-commitid-to', at('id'), '--write-composejson-to', at('unnamed.json'));
    const commit = readFileSync(at('id'), 'utf8').trim();
    expect(stdout).toContain(`Wrote commit: ${commit}\n`);
    expect(await commits.revision('unnamed')).toBeUndefined();
    expect(await commits.file(commit, '/usr/lib/os-release')).toContain('ID=tiny');
    expect(json('unnamed.json')).toMatchObject({ 'ostree-commit': commit });
  });

  test.each([
    ['inline', /'suite': <'testkit'>/, false],
    ['detached', undefined, true],
    ['disabled', undefined, false],
  ])('repo-metadata: %s', async (how, inline, beside) => {
    const ref = `repo/${how}`;
    const commit = await commitOf(ref, lab.treefile({ ref, packages: FINE, 'repo-metadata': how }));
    const own = await commits.metadata(commit, 'aptostree.indices');
    if (inline === undefined) expect(own).toBeUndefined();
    else expect(own).toMatch(inline);
    expect((await commits.metadata(commit, 'aptostree.indices', true)) !== undefined).toBe(beside);
  });
});

describe('versions', () => {
  const version = async (commit: string) => (await commits.metadata(commit, 'version'))?.slice(1, -1);

  test('automatic-version-prefix counts on, from the parent or from --previous-version', async () => {
    const keys = { ref: 'version', packages: FINE, 'automatic-version-prefix': '13' };
    const file = lab.treefile(keys);
    expect(await version(await commitOf('version', file))).toBe('13');
    expect(await version(await commitOf('version', file, '--force-nocache'))).toBe('13.1');
    const far = ['--force-nocache', '--previous-version', '13.8'];
    expect(await version(await commitOf('version', file, ...far))).toBe('13.9');
    const dashed = lab.treefile({ ...keys, 'automatic-version-suffix': '-' });
    expect(await version(await commitOf('version', dashed, '--previous-version', '13-4'))).toBe('13-5');
  });

  test('<date:> starts every day at 0', async () => {
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    const file = lab.treefile({ ref: 'dated', packages: FINE, 'automatic-version-prefix': 'v<date:%Y%m%d>' });
    expect(await version(await commitOf('dated', file))).toBe(`v${day}.0`);
    expect(await version(await commitOf('dated', file, '--force-nocache'))).toBe(`v${day}.1`);
    const old = ['--force-nocache', '--previous-version', 'v20200101.7'];
    expect(await version(await commitOf('dated', file, ...old))).toBe(`v${day}.0`);
  });

  test('mutate-os-release puts the version into os-release', async () => {
    const keys = { ref: 'release', packages: FINE, 'mutate-os-release': 'Tiny' };
    const plain = await commitOf('release', lab.treefile({ ref: 'release', packages: FINE }));
    expect(await commits.file(plain, '/usr/lib/os-release')).not.toContain('OSTREE_VERSION');
    expect(await lab.refuse(lab.treefile(keys))).toMatchObject({
      exit: 78,
      hint: expect.stringContaining('automatic-version-prefix'),
    });
    const commit = await commitOf('release', lab.treefile({ ...keys, 'automatic-version-prefix': '4' }));
    expect(await commits.file(commit, '/usr/lib/os-release')).toMatch(
      /NAME="Tiny"\nPRETTY_NAME="4 system"\n(?:.*\n)*OSTREE_VERSION='4'\n$/,
    );
  });
});

describe('--write-composejson-to', () => {
  const common = ['same', 'up', 'down'];
  let first: string;

  test('a first commit: every key, and no difference', async () => {
    await lab.archive('pair', {
      packages: [
        ...[{ name: 'up', version: '1.0~rc1-1' }, { name: 'down', version: '2:1-1' }, { name: 'same' }],
        ...[
          { name: 'gone', version: '3-1' },
          { name: 'zig', version: '9-1' },
        ],
      ],
    });
    const keys = { ref: 'pair', repos: ['base', 'pair'], 'automatic-version-prefix': '8' };
    first = await commitOf(
      'pair',
      lab.treefile({ ...keys, packages: [...common, 'gone', 'zig'] }),
      '--write-composejson-to',
      at('one.json'),
    );
    const { 'ostree-timestamp': time, ...rest } = json('one.json');
    expect(new Date(time).getTime()).toBeGreaterThan(0);
    expect(rest).toEqual({
      ...Object.fromEntries(
        ['metadata-total', 'metadata-written', 'content-total', 'content-written', 'cache-hits'].map((n) => [
          `ostree-n-${n}`,
          expect.any(Number),
        ]),
      ),
      'ostree-content-bytes-written': expect.any(Number),
      'ostree-commit': first,
      'ostree-content-checksum': expect.stringMatching(/^[0-9a-f]{64}$/),
      'ostree-version': '8',
      'apt-ostree-inputhash': (await commits.metadata(first, 'aptostree.inputhash'))?.slice(1, -1),
      ref: 'pair',
    });
  });

  test('against the parent: added, removed, upgraded, downgraded, by Debian versions', async () => {
    await lab.archive('pair', {
      packages: [
        ...[{ name: 'up', version: '1.0-1' }, { name: 'down', version: '1:9-1' }, { name: 'same' }],
        ...[
          { name: 'fresh', version: '5-1' },
          { name: 'zig', version: '10-1' },
        ],
      ],
    });
    const keys = { ref: 'pair', repos: ['base', 'pair'], packages: [...common, 'fresh', 'zig'] };
    const difference = [
      ['fresh', 0, { NewPackage: ['fresh', '5-1', 'all'] }],
      ['gone', 1, { PreviousPackage: ['gone', '3-1', 'all'] }],
      ['up', 2, { PreviousPackage: ['up', '1.0~rc1-1', 'all'], NewPackage: ['up', '1.0-1', 'all'] }],
      ['zig', 2, { PreviousPackage: ['zig', '9-1', 'all'], NewPackage: ['zig', '10-1', 'all'] }],
      ['down', 3, { PreviousPackage: ['down', '2:1-1', 'all'], NewPackage: ['down', '1:9-1', 'all'] }],
    ];
    await commitOf('pair', lab.treefile(keys), '--write-composejson-to', at('two.json'));
    expect(json('two.json').pkgdiff).toEqual(difference);
    const against = ['--no-parent', '--previous-commit', first, '--write-composejson-to', at('three.json')];
    await commitOf('pair', lab.treefile(keys), ...against);
    expect(json('three.json').pkgdiff).toEqual(difference);
  });
});

describe('other programs', () => {
  test('--proxy is asked for indices and packages', async () => {
    const directory = await lab.archive('far', { packages: [{ name: 'far' }] }, '', 'http://archive.test');
    const proxy = await serve(directory);
    onTestFinished(() => proxy.close());
    await commitOf(
      'far',
      lab.treefile({ ref: 'far', repos: ['base', 'far'], packages: ['far'] }),
      '--proxy',
      proxy.url,
    );
    const targets = proxy.log.map((request) => request.target);
    expect(targets).toContain('http://archive.test/dists/testkit/InRelease');
    expect(targets).toContain('http://archive.test/pool/main/f/far/far_1.0-1_all.deb');
  });

  const mark = (word: string) => `#!/bin/sh\nexec jq -c '.treefile["add-commit-metadata"].marks += ["${word}"]'\n`;

  test('filters from the treefile and from the command line, in this order', async () => {
    const files = { 'filter.sh': mark('treefile'), 'second.sh': mark('word') };
    const file = lab.treefile({ ref: 'stages', packages: FINE, stages: { 'after-resolve': 'sh @' } }, files);
    writeFileSync(file, readFileSync(file, 'utf8').replace('sh @', `sh ${join(dirname(file), 'filter.sh')}`));
    const word = `resolve=sh ${join(dirname(file), 'second.sh')}`;
    const commit = await commitOf('stages', file, '--after', word, '--write-lockfile-to', at('marked.json'));
    expect(await commits.metadata(commit, 'marks')).toBe("[<'treefile'>, <'word'>]");
    expect(json('marked.json').treefile['add-commit-metadata'].marks).toEqual(['treefile', 'word']);
  });

  test('--stage puts a program in the place of a stage; the treefile can too', async () => {
    const script = `#!/bin/sh\necho "$0 $*" >> ${at('ran')}\nexec ${process.execPath} ${toolPath('aot-fetch')} "$@"\n`;
    writeFileSync(at('my-fetch'), script, { mode: 0o755 });
    const word = `fetch=${at('my-fetch')} --quiet`;
    await commitOf('swapped', lab.treefile({ ref: 'swapped', packages: FINE }), '--stage', word);
    await commitOf('named', lab.treefile({ ref: 'named', packages: FINE, stages: { fetch: [at('my-fetch')] } }));
    expect(readFileSync(at('ran'), 'utf8').trim().split('\n')).toEqual([
      expect.stringMatching(/my-fetch --quiet .*--cachedir/),
      expect.stringMatching(/my-fetch .*--cachedir/),
    ]);
  });
});
