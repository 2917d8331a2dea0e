import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { asTreefile } from '../src/flat.ts';
import { findKey, TREEFILE_KEYS, TREEFILE_SECTIONS, type TreefileKey, typeInWords } from '../src/keys.ts';
import { failure, load } from './fixture.ts';
import reference from './rpm-ostree-keys.json' with { type: 'json' };

const names = (status: (s: TreefileKey['status']) => boolean) =>
  TREEFILE_KEYS.filter((k) => status(k.status)).map((k) => k.name);
const usable = TREEFILE_KEYS.filter((k) => k.status !== 'refused' && k.status !== 'derive');

/** What the examples name. */
const beside = {
  'common/base.yaml': 'container: false',
  'boot-amd64.yaml': 'container: false',
  'boot-arm64.yaml': 'container: false',
  'debug.yaml': 'container: false',
  'debian.sources': '',
  'debian-security.sources': '',
  'snapshot.sources': '',
  'local-build.sources': '',
  'finish.sh': '',
  'fetch.sh': '',
  'drop-firmware.sh': '',
  'sshd.conf': '',
  group: '',
  'ada.pub': '',
};

/** What an example stands on, where it is not enough alone. */
const around: Record<string, string> = {
  'conditional-include': 'variables: {production: false, stream: testing}\nreleasever: trixie\n',
  'trusted-repos': 'repos: [local-build]\n',
  'cliwrap-binaries': 'cliwrap: true\n',
};

const OURS = ['trusted-repos', 'machine-repos', 'debconf', 'stages', 'disk', 'base-image'];

test('every key of rpm-ostree is known, and what is not is listed as an addition', () => {
  expect(names((s) => s === 'derive')).toEqual(reference.derive);
  expect(names((s) => s === 'addition')).toEqual(OURS);
  expect(names((s) => s === 'refused')).toEqual(reference.refused);
  const ours = new Set([...OURS, ...reference.derive]);
  expect(
    TREEFILE_KEYS.map((k) => k.name)
      .filter((n) => !ours.has(n))
      .sort(),
  ).toEqual([...reference.base].sort());
});

test('older spellings are known', () => {
  for (const name of reference.legacy) expect(findKey(name)?.name).toBe(name.replaceAll('_', '-'));
});

test('every key is there once', () => {
  const all = TREEFILE_KEYS.flatMap((k) => [k.name, ...(k.aliases ?? [])]);
  expect(new Set(all).size).toBe(all.length);
});

test.each(usable.map((key) => [key.name, key] as const))(
  '%s is documented, and its example loads',
  async (name, key) => {
    expect(key.description).toMatch(/^[A-Z/<].*\.$/);
    expect(Object.keys(parse(key.example!) as object)).toEqual([name.replace('$basearch', 'amd64')]);
    const { treefile } = await load({ 'tree.yaml': `${around[name] ?? ''}${key.example}`, ...beside });
    if (key.flattened !== false) expect(treefile).toHaveProperty([name]);
  },
);

test.each(names((s) => s === 'refused'))('%s is refused with its reason', async (name) => {
  const { reason } = findKey(name)!;
  expect(reason).toMatch(/^[^A-Z].*[^.]$|^Debian .*[^.]$/);
  expect(await failure(`${name}: x`)).toEqual([78, `cannot use key '${name}' at 'tree.yaml:1': ${reason}`, undefined]);
});

test.each(reference.derive)('%s is refused as rpm-ostree does', async (name) => {
  const [exit, message] = await failure(`${name}: x`);
  expect([exit, message]).toEqual([78, `the following derivation fields are not supported at 'tree.yaml:1': ${name}`]);
});

test.each(usable.flatMap((k) => Object.keys(k.refusedValues ?? {}).map((value) => [k.name, value] as const)))(
  '%s: %s is refused with its reason',
  async (name, value) => {
    expect((await failure(`${name}: ${value}`))[1]).toContain(findKey(name)!.refusedValues![value]);
  },
);

test('the defaults that stages get are those of the documentation', () => {
  const given = asTreefile({ basearch: 'amd64' }) as unknown as Record<string, unknown>;
  for (const key of usable) {
    if (key.flattened === false || key.name === 'edition' || key.name === 'basearch') continue;
    const empty = (value: unknown) =>
      value === undefined || JSON.stringify(value) === '[]' || JSON.stringify(value) === '{}';
    if (key.default === undefined) expect(given[key.name], key.name).toSatisfy(empty);
    else expect(given[key.name], key.name).toEqual(key.default);
  }
});

test('a container has its own defaults', () => {
  const none = { type: 'none' };
  expect(asTreefile({ container: true })).toMatchObject({
    'preserve-passwd': false,
    'check-passwd': none,
    'check-groups': none,
    'tmp-is-dir': true,
  });
  const set = { type: 'data', entries: {} };
  expect(asTreefile({ container: true, 'check-passwd': set })['check-passwd']).toEqual(set);
  expect(asTreefile({ container: true, 'preserve-passwd': true })['check-groups']).toEqual({ type: 'previous' });
  expect(asTreefile({ 'preserve-passwd': false })['check-groups']).toEqual({ type: 'none' });
});

test('every key has a type in words, and sections have text', () => {
  for (const key of usable) expect(typeInWords(key), key.name).toMatch(/^[a-z2].{2,}$/);
  expect(typeInWords(findKey('boot-location')!)).toBe('one of modules');
  for (const { title, paragraphs } of TREEFILE_SECTIONS) {
    expect(title).toMatch(/^[A-Z -]+$/);
    for (const text of paragraphs) expect(text).toMatch(/\.$/);
  }
});
