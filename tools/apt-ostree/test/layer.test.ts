import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyOrigin, type Origin } from '@apt-ostree/host';
import type { CommitInfo } from '@apt-ostree/ostree';
import { buildDeb, temporary } from '@apt-ostree/testkit';
import { describe, expect, test } from 'vitest';
import { type Edit, editRequests, sameRequests } from '../src/host/layer/requests.ts';
import { layerTreefile } from '../src/host/layer/treefile.ts';
import { editingOverrides, type OverrideEdit } from '../src/host/override/edit-overrides.ts';
import { fakeContext } from './fake.ts';

const SUM = 'a'.repeat(64);
const origin = (more: Partial<Origin>): Origin => ({ ...emptyOrigin(), refspec: 'r:b', ...more });
const packages = (...requested: string[]) => ({ requested, requestedLocal: [], requestedLocalFileoverride: [] });
const { context } = fakeContext();

const edited = (before: Origin, edit: Partial<Edit>) =>
  editRequests(before, { install: [], uninstall: [], idempotent: false, ...edit }, temporary(), context);

describe('requests', () => {
  test('are added in their one spelling, and taken out by name', async () => {
    const before = origin({ packages: packages('a', 'bb=1.0', 'cc/suite') });
    const { origin: after, added } = await edited(before, { install: ['dd (>= 2)'], uninstall: ['bb', 'cc/suite'] });
    expect(after.packages.requested).toEqual(['a', 'dd>=2']);
    expect(added).toEqual(['dd>=2']);
    expect(before.packages.requested).toHaveLength(3);
  });
  test('all go with --all, and others come', async () => {
    const { origin: after } = await edited(origin({ packages: packages('aa', 'bb') }), { all: true, install: ['cc'] });
    expect(after.packages.requested).toEqual(['cc']);
  });
  test.each([
    [{ install: ['aa'] }, "Package/capability 'aa' is already requested"],
    [{ uninstall: ['bb'] }, "Package/capability 'bb' is not currently requested"],
    [{ install: ['A B'] }, "cannot layer 'A B': it is no package"],
  ])('%j is refused', async (edit, text) => {
    await expect(edited(origin({ packages: packages('aa') }), edit)).rejects.toThrow(text);
  });
  test('with --idempotent nothing changes', async () => {
    const before = origin({ packages: packages('aa') });
    const { origin: after, added } = await edited(before, { install: ['aa'], uninstall: ['bb'], idempotent: true });
    expect([added, sameRequests(after, before)]).toEqual([[], true]);
  });
  test('a file is pinned by its hash, and goes by either name', async () => {
    const file = join(temporary(), 'x.deb');
    writeFileSync(file, await buildDeb({ name: 'xx', version: '1:2-3' }));
    const { origin: after } = await edited(origin({}), { install: [file] });
    expect(after.packages.requestedLocal).toEqual([expect.stringMatching(/^[0-9a-f]{64}:xx_1:2-3_all$/)]);
    for (const word of ['xx', 'xx_1:2-3_all'])
      expect((await edited(after, { uninstall: [word] })).origin.packages.requestedLocal).toEqual([]);
    await expect(edited(after, { install: [file] })).rejects.toThrow("'xx_1:2-3_all' is already requested");
  });
});

const BASE = {
  metadata: { 'aptostree.treefile': '{"opt-usrlocal":"root","postprocess":["x"],"packages":["y"]}' },
  packages: [{ name: 'inbase', version: '1', architecture: 'all', sourcePackage: 'x', sourceVersion: '1' }],
} as unknown as CommitInfo;

describe('overrides', () => {
  const none: OverrideEdit = { remove: [], replace: [], from: undefined, reset: [], install: [], uninstall: [] };
  const change = (before: Origin, edit: Partial<OverrideEdit>) =>
    editingOverrides({ ...none, ...edit }, context)(before, BASE, temporary());
  const overridden = origin({ overrides: { remove: ['inbase'], replaceLocal: [`${SUM}:bb_1_all`], replace: [] } });

  test('a later one takes the place of an earlier', async () => {
    const { origin: after } = await change(overridden, { replace: ['inbase'], from: 'repo=suite' });
    expect(after.overrides).toEqual({ remove: [], replaceLocal: [`${SUM}:bb_1_all`], replace: ['repo=suite,inbase'] });
  });
  test('are taken back by name, also inactive ones, or all', async () => {
    expect((await change(overridden, { reset: ['bb'] })).origin.overrides).toMatchObject({ replaceLocal: [] });
    expect((await change(overridden, { reset: ['bb_1_all', 'inbase'] })).origin.overrides).toMatchObject({
      remove: [],
    });
    expect((await change(overridden, { reset: 'all' })).origin.overrides.remove).toEqual([]);
    await expect(change(overridden, { reset: ['cc'] })).rejects.toThrow("No overrides for package 'cc'");
  });
  test('are about the base', async () => {
    await expect(change(origin({}), { remove: ['inbase', 'cc'] })).rejects.toThrow("packages not in the base: 'cc'");
    await expect(change(origin({}), { replace: ['inbase'] })).rejects.toThrow("cannot replace 'inbase': it is no file");
  });
});

test('the treefile of a layer has the layout of the base and nothing that was done to it', () => {
  const overrides = { remove: [], replaceLocal: [], replace: ['repo=suite,inbase,gone', 'repo=other,gone'] };
  const treefile = layerTreefile(BASE, origin({ packages: packages('aa'), overrides }));
  expect(treefile).toMatchObject({
    'opt-usrlocal': 'root',
    packages: ['aa'],
    'repo-packages': [{ repo: 'suite', packages: ['inbase'] }],
  });
  expect(treefile).not.toHaveProperty('postprocess');
});
