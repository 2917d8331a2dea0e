import { lstatSync, statSync } from 'node:fs';
import { run } from '@apt-ostree/run';
import {
  type ArchivePackage,
  type FileSpec,
  HOSTILITIES,
  hostileSpec,
  type Served,
  serve,
  tinySystem,
  toolPath,
} from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ComposeLab } from '../lib/compose-lab.ts';

// What each stage makes of such packages stands in its own tests; here a whole compose meets them.
let lab: ComposeLab;
let server: Served;
beforeAll(async () => {
  lab = await ComposeLab.open();
  server = await serve(lab.directory);
  const hostile = HOSTILITIES.map((kind) => hostileSpec(kind, { name: kind }));
  await lab.archive('vendor', { packages: [...hostile, ...DAMAGED, ...(await misbehaving()), ...(await asking())] });
});
afterAll(() => server.close());

const DAMAGED: ArchivePackage[] = [
  { name: 'wrong-hash', corrupt: true },
  { name: 'one', files: { '/usr/bin/tool': 'one' } },
  { name: 'two', files: { '/bin/tool': 'two' } },
  { name: 'on-the-disk', files: { '/sysroot/file': '' } },
];

const withPackages = (...packages: string[]) => lab.treefile({ repos: ['base', 'vendor'], packages });

// A package of no bytes is one that no index can list.
test.each(HOSTILITIES.filter((kind) => kind !== 'empty'))(
  '%s: the package is named, and nothing of it is left',
  async (kind) => {
    expect(await lab.refuse(withPackages(kind))).toMatchObject({
      ...{ stage: 'unpack', exit: 65 },
      message: expect.stringMatching(new RegExp(`^cannot unpack '${kind}_1\\.0-1_all\\.deb': .`)),
      hint: expect.stringContaining('maintainers'),
    });
  },
);

test('a package of no bytes', async () => {
  expect(await lab.refuse(withPackages('empty'))).toMatchObject({
    ...{ stage: 'resolve', exit: 65 },
    message: "cannot use the index of an archive: 'empty' 1.0-1 has no Size in it",
    hint: expect.stringContaining('maintainers'),
  });
});

test('other bytes than the index promises', async () => {
  expect(await lab.refuse(withPackages('wrong-hash'))).toMatchObject({
    ...{ stage: 'fetch', exit: 65 },
    message: expect.stringContaining("cannot verify 'wrong-hash_1.0-1_all.deb': SHA256 differs"),
    hint: expect.stringContaining('another mirror'),
  });
});

test('two packages with one path, once under the name of before the merge', async () => {
  expect(await lab.refuse(withPackages('one', 'two'))).toMatchObject({
    ...{ stage: 'unpack', exit: 1 },
    message: "cannot unpack 'two:all': '/usr/bin/tool' is also in package 'one:all'",
    hint: 'leave one of the two packages out',
  });
});

test("a file in the disk's root, which no deployment shows", async () => {
  expect(await lab.refuse(withPackages('on-the-disk'))).toMatchObject({
    ...{ stage: 'commit', exit: 65, hint: expect.stringContaining('remove-files') },
    message: expect.stringContaining(
      "cannot commit '/sysroot/file' of package 'on-the-disk': on a machine, /sysroot holds",
    ),
  });
});

/** What a script does that it may not do, what is said of it, and the way out where there is one. */
const MISDEEDS: Record<string, { script: string; said: string; output: string; hint?: string }> = {
  failing: { script: 'echo broken; exit 7', said: 'ended with 7', output: '| broken' },
  prompting: {
    script: 'printf "Really? "; read answer || exit 4',
    said: 'ended with 4',
    output: '| Really?',
    hint: 'debconf',
  },
  networking: {
    script: 'bash -c "exec 3<>/dev/tcp/127.0.0.1/PORT" || exit 5',
    said: 'ended with 5',
    output: 'Connection refused',
  },
};
const HANGING = 'echo waiting; sleep 86397';

const EACH = ['preinst', 'postinst'] as const;
const VERB = { preinst: 'unpack', postinst: 'configure' };

for (const script of EACH) {
  test.each(Object.entries(MISDEEDS))(`a %s ${script}`, async (name, { said, output, hint }) => {
    const refusal = await lab.refuse(withPackages(`${name}-${script}`));
    expect(refusal).toMatchObject({ stage: 'sandbox', exit: 1 });
    expect(refusal.message).toContain(`cannot ${VERB[script]} '${name}-${script}:all': its ${script} ${said}\n`);
    expect(refusal.message).toContain(output);
    if (hint) expect(refusal.hint).toContain(hint);
    expect(server.log).toEqual([]);
  });

  test(`a hanging ${script}`, async () => {
    const quick = `sandbox=${process.execPath} ${toolPath('aot-sandbox')} --script-timeout 1`;
    expect(await lab.refuse(withPackages(`hanging-${script}`), '--stage', quick)).toMatchObject({
      ...{ stage: 'sandbox', exit: 1 },
      message: expect.stringContaining(`'hanging-${script}:all': its ${script} did not end within 1 s`),
    });
  });
}

test('a question of debconf that nobody answers is named', async () => {
  const refusal = await lab.refuse(withPackages('asking'));
  expect(refusal).toMatchObject({
    ...{ stage: 'sandbox', exit: 1, hint: expect.stringContaining('"debconf"') },
    message: expect.stringContaining(
      "cannot configure 'asking:all': its postinst ended with 6: nothing answers 'asking/name'",
    ),
  });
  expect(refusal.stderr).not.toContain('debconf (developer)');
});

/** A package that cannot do without an answer, and debconf as this machine has it. */
async function asking(): Promise<ArchivePackage[]> {
  const templates = 'Template: asking/name\nType: string\nDescription: Name?\n';
  const ask = 'db_input critical asking/name || true; db_go; db_get asking/name; [ "$RET" ] || exit 6';
  return [
    {
      name: 'asking',
      scripts: { postinst: `. /usr/share/debconf/confmodule\n${ask}` },
      ...{ controlFiles: { templates }, control: { Depends: 'debconf' } },
    },
    {
      name: 'debconf',
      files: { ...(await filesOf('perl-base', /^\/usr\/(bin|lib)/)), ...(await filesOf('debconf', /./)) },
    },
  ];
}

/** Files of a package of this machine, and the libraries of its programs that the tiny system lacks. */
async function filesOf(name: string, which: RegExp): Promise<Record<string, FileSpec>> {
  const paths = (await run('dpkg', ['--listfiles', name])).stdout.split('\n').filter((path) => which.test(path));
  const programs = paths.filter((path) => /\/bin\/perl$/.test(path));
  const { stdout } = programs.length === 0 ? { stdout: '' } : await run('ldd', programs);
  const libraries = [...stdout.matchAll(/ => (\/\S+)/g)].map((match) => match[1] as string);
  const files = [...paths.filter((path) => lstatSync(path).isFile()), ...libraries];
  const there = new Set((await tinySystem()).flatMap((p) => Object.keys(p.files ?? {})));
  const placed = files.map((path): [string, FileSpec] => {
    return [path.replace(/^\/lib/, '/usr/lib'), { from: path, mode: statSync(path).mode & 0o755 }];
  });
  return Object.fromEntries(placed.filter(([path]) => !there.has(path)));
}

/** A package for every misdeed in preinst and in postinst, and the shell that can use the network. */
async function misbehaving(): Promise<ArchivePackage[]> {
  const scripts = { ...Object.fromEntries(Object.entries(MISDEEDS).map(([n, m]) => [n, m.script])), hanging: HANGING };
  const port = new URL(server.url).port;
  const packages = Object.entries(scripts).flatMap(([name, text]) =>
    EACH.map((script) => ({
      name: `${name}-${script}`,
      scripts: { [script]: text.replace('PORT', port) },
      control: { 'Pre-Depends': 'bash' },
    })),
  );
  return [...packages, await bash()];
}

async function bash(): Promise<ArchivePackage> {
  const { stdout } = await run('ldd', ['/bin/bash']);
  const library = /(\/\S*\/libtinfo\S+)/.exec(stdout)?.[1] as string;
  return {
    name: 'bash',
    files: { '/usr/bin/bash': { from: '/bin/bash' }, [library.replace(/^\/lib/, '/usr/lib')]: { from: library } },
  };
}
