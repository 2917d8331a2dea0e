import { expect, test } from 'vitest';
import { type Files, flat, type Given, load } from './fixture.ts';

test('a flat treefile holds what was set, in the order of the documentation', async () => {
  const { treefile } = await load('packages: [zsh, bash]\nreleasever: trixie\nref: debian/${releasever}/${basearch}\n');
  expect(Object.entries(treefile)).toEqual([
    ['ref', 'debian/trixie/amd64'],
    ['basearch', 'amd64'],
    ['packages', ['bash', 'zsh']],
    ['releasever', 'trixie'],
  ]);
});

type Case = [name: string, files: Files | string, flattened: Record<string, unknown>, given?: Given];

const includes: Case[] = [
  [
    'what the child says wins, lists have the parent first',
    {
      'tree.yaml': 'include: base.yaml\nrecommends: false\nunits: [b.service]\nref: child',
      'base.yaml': 'recommends: true\nunits: [a.service]\nref: parent\ndocumentation: false',
    },
    { ref: 'child', recommends: false, documentation: false, units: ['a.service', 'b.service'] },
  ],
  [
    'maps are united, the child wins',
    {
      'tree.yaml': 'include: base.yaml\nadd-commit-metadata: {a: 1}\ndebconf: {x/y: true}',
      'base.yaml': 'add-commit-metadata: {b: 2, a: 0}\ndebconf: {x/y: false, x/z: text}',
    },
    {
      'add-commit-metadata': { a: 1, b: 2 },
      debconf: {
        'x/y': { package: 'x', type: 'boolean', value: 'true' },
        'x/z': { package: 'x', type: 'string', value: 'text' },
      },
    },
  ],
  [
    'packages are a set, sorted',
    { 'tree.yaml': 'include: base.yaml\npackages: [zsh, bash]', 'base.yaml': 'packages: [curl, bash]' },
    { packages: ['bash', 'curl', 'zsh'] },
  ],
  [
    'of several includes the first wins, and post-processing of the last runs first',
    {
      'tree.yaml': 'include: [kernel.yaml, sub/boot.yaml]\npostprocess: [echo foo]',
      'kernel.yaml': 'postprocess: [echo bar]\ndefault-target: one.target',
      'sub/boot.yaml': 'include: ../deep.yaml\npostprocess: [echo baz]\ndefault-target: two.target',
      'deep.yaml': 'postprocess: [echo deep]',
    },
    { postprocess: ['echo deep', 'echo baz', 'echo bar', 'echo foo'], 'default-target': 'one.target' },
  ],
  [
    'arch-include comes after include, under either name of the architecture',
    {
      'tree.yaml': 'arch-include: {x86_64: a.yaml, arm64: b.yaml}\ninclude: c.yaml',
      'a.yaml': 'default-target: a.target\nunits: [a.service]',
      'b.yaml': 'units: [b.service]',
      'c.yaml': 'default-target: c.target\nunits: [c.service]',
    },
    { 'default-target': 'c.target', units: ['a.service', 'c.service'] },
  ],
  ['nothing means not set', { 'tree.yaml': 'packages:\nref: a' }, { ref: 'a' }],
  [
    'anchors and aliases work',
    'packages: &p [bash]\nexclude-packages: [zsh]\nrepo-packages: [{repo: x, packages: *p}]',
    { packages: ['bash'], 'repo-packages': [{ repo: 'x', packages: ['bash'] }], 'exclude-packages': ['zsh'] },
  ],
  ['JSON', { 'tree.json': '{"ref": "a/b", "packages": ["bash"]}' }, { ref: 'a/b', packages: ['bash'] }],
];

const conditional = (variables: string, condition: string) =>
  `${variables}\nconditional-include: [{if: ${condition}, include: {recommends: false}}]`;
const met = { recommends: false };

const conditions: Case[] = [
  ['boolean', conditional('variables: {x: true}', 'x == true'), met],
  ['boolean, not equal', conditional('variables: {x: true}', 'x != true'), {}],
  ['number', conditional('variables: {x: 35}', 'x >= 35'), met],
  ['number, less', conditional('variables: {x: 35}', 'x < 35'), {}],
  ['number, at most', conditional('variables: {x: 35}', 'x <= 35'), met],
  ['number, more', conditional('variables: {x: 35}', 'x > 9'), met],
  ['string', conditional('variables: {x: stable}', `'x == "stable"'`), met],
  ['string, not equal', conditional('variables: {x: stable}', `'x != "stable"'`), {}],
  ['all of several', conditional('variables: {x: 1, y: 2}', '[x == 1, y == 2]'), met],
  ['one of several does not hold', conditional('variables: {x: 1, y: 2}', '[x == 1, y == 3]'), {}],
  ['releasever', conditional('releasever: trixie', `'releasever == "trixie"'`), { releasever: 'trixie', ...met }],
  ['releasever as a number', conditional('releasever: 13', 'releasever > 12'), { releasever: 13, ...met }],
  ['basearch', conditional('', `'basearch == "amd64"'`), met],
  ["basearch by rpm-ostree's name", conditional('', `'basearch == "x86_64"'`), met],
  [
    'an included treefile sees the variables of its includer, which win',
    {
      'tree.yaml': 'variables: {x: 1}\ninclude: base.yaml',
      'base.yaml': conditional('variables: {x: 2}', 'x == 1'),
    },
    met,
  ],
  [
    'conditions see the variables of included treefiles',
    { 'tree.yaml': conditional('include: base.yaml', 'x == 2'), 'base.yaml': 'variables: {x: 2}' },
    met,
  ],
  [
    'by path, relative to the treefile with the condition',
    {
      'tree.yaml': 'include: sub/a.yaml',
      'sub/a.yaml':
        'variables: {x: 1}\nconditional-include: [{if: x == 1, include: b.yaml}, {if: x == 2, include: c.yaml}]',
      'sub/b.yaml': 'ref: b',
    },
    { ref: 'b' },
  ],
  [
    'an inline treefile may include',
    {
      'tree.yaml':
        'variables: {x: 1}\nconditional-include: [{if: x == 1, include: {include: b.yaml, packages: [zsh]}}]',
      'b.yaml': 'packages: [bash]',
    },
    { packages: ['bash', 'zsh'] },
  ],
];

const substitution: Case[] = [
  [
    'in ref, metadata, version and os-release',
    'variables: {s: beta, n: 3, b: true}\nreleasever: trixie\nref: os/${basearch}/${s}\nmetadata: {a: "${n}", b: {c: "${n}"}}\nadd-commit-metadata: {k: "${b}", n: 1}\nautomatic-version-prefix: ${releasever}.${n}\nmutate-os-release: ${releasever}',
    {
      ref: 'os/amd64/beta',
      metadata: { a: '3', b: { c: '${n}' } },
      releasever: 'trixie',
      'automatic-version-prefix': 'trixie.3',
      'mutate-os-release': 'trixie',
      'add-commit-metadata': { k: 'true', n: 1 },
    },
  ],
  ['nowhere else', 'variables: {s: beta}\npostprocess: ["echo ${s}"]', { postprocess: ['echo ${s}'] }],
  [
    'the command line wins and takes the declared type',
    `variables: {x: 1, s: a}\n${conditional('', 'x == 2')}\nref: \${s}/\${x}/\${new}`,
    { ref: 'b/2/c', ...met },
    { variables: { x: '2', s: 'b', new: 'c' } },
  ],
  [
    'the command line wins in included treefiles too',
    { 'tree.yaml': 'include: base.yaml', 'base.yaml': conditional('variables: {x: false}', 'x == true') },
    met,
    { variables: { x: 'true' } },
  ],
];

const values: Case[] = [
  [
    'packages are split at white space, but not inside single quotes',
    `packages:\n  - bash  zsh\n  - "'podman >= 4.1'"\n  - "curl 'jq (<< 2)' git"`,
    { packages: ['bash', 'curl', 'git', 'jq<<2', 'podman>=4.1', 'zsh'] },
  ],
  [
    'packages with architecture, version, suite',
    'packages: [libc6:i386, "bash=5.2.37-2+b5", "nginx=1:1.26~rc1", podman/trixie-backports]',
    { packages: ['bash=5.2.37-2+b5', 'libc6:i386', 'nginx=1:1.26~rc1', 'podman/trixie-backports'] },
  ],
  ["rpm's operators become dpkg's", `packages: ["'gawk < 2'", "'less > 1'"]`, { packages: ['gawk<<2', 'less>>1'] }],
  [
    "packages of the tree's architecture, by either name",
    'packages: [bash]\npackages-amd64: [zsh]\npackages-x86_64: [dash]\npackages-s390x: [zipl]',
    { packages: ['bash', 'dash', 'zsh'] },
  ],
  ['older spellings', 'gpg_key: A\ndefault_target: a.target', { 'gpg-key': 'A', 'default-target': 'a.target' }],
  ['edition as a number', 'edition: 2024', { edition: '2024' }],
  ['stateoverlay', 'opt-usrlocal: stateoverlay', { 'opt-usrlocal': 'state-overlay' }],
  ['basearch by another name', 'basearch: x86_64', {}],
  ['paths are absolute', 'remove-files: [usr/share/x/, /etc//motd]', { 'remove-files': ['/usr/share/x', '/etc/motd'] }],
  [
    'passwd data',
    'check-passwd: {type: data, entries: {bin: 1, adm: [3, 4]}}\ncheck-groups: {type: none}',
    { 'check-passwd': { type: 'data', entries: { bin: 1, adm: [3, 4] } }, 'check-groups': { type: 'none' } },
  ],
  [
    'debconf answers',
    'debconf: {tzdata/Areas: {type: select, value: Europe}, a/list: [x, y], a/n: 3, shared/x: {package: b, value: ""}}',
    {
      debconf: {
        'a/list': { package: 'a', type: 'multiselect', value: 'x, y' },
        'a/n': { package: 'a', type: 'string', value: '3' },
        'shared/x': { package: 'b', type: 'string', value: '' },
        'tzdata/Areas': { package: 'tzdata', type: 'select', value: 'Europe' },
      },
    },
  ],
  [
    'stages',
    { 'tree.yaml': 'stages: {fetch: ./f.sh -v, after-resolve: [filter, a b]}', 'f.sh': '#!/bin/sh\n' },
    { stages: { 'after-resolve': ['filter', 'a b'], fetch: ['./f.sh', '-v'] } },
  ],
];

for (const [group, cases] of Object.entries({ includes, conditions, substitution, values }))
  test.each(cases)(`${group}: %s`, async (_, files, flattened, given) => {
    expect(await flat(files, given)).toEqual(flattened);
  });
