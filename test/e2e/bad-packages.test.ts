import { run } from '@apt-ostree/run';
import { type ArchivePackage, HOSTILITIES, hostileSpec, type Served, serve, toolPath } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ComposeLab } from '../lib/compose-lab.ts';

// What each stage makes of such packages stands in its own tests; here a whole compose meets them.
let lab: ComposeLab;
let server: Served;
beforeAll(async () => {
  lab = await ComposeLab.open();
  server = await serve(lab.directory);
  const hostile = HOSTILITIES.map((kind) => hostileSpec(kind, { name: kind }));
  await lab.archive('vendor', { packages: [...hostile, ...DAMAGED, ...(await misbehaving())] });
});
afterAll(() => server.close());

const DAMAGED: ArchivePackage[] = [
  { name: 'wrong-hash', corrupt: true },
  { name: 'one', files: { '/usr/bin/tool': 'one' } },
  { name: 'two', files: { '/bin/tool': 'two' } },
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
