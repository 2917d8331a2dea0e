import { randomBytes } from 'node:crypto';
import { type ArchiveOptions, type Fault, type Served, serve, signingKey } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ComposeLab } from '../lib/compose-lab.ts';

let lab: ComposeLab;
const servers: Served[] = [];
beforeAll(async () => {
  lab = await ComposeLab.open();
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

// Machines may switch the check of dates off; these sources switch it on.
const CHECKED = 'Check-Date: yes\nCheck-Valid-Until: yes\n';
const vendor = { repos: ['base', 'vendor'], packages: ['demo'] };
const packages = [{ name: 'demo', files: { '/usr/share/demo': randomBytes(200_000).toString('hex') } }];

const INDEX: [what: string, said: string, options: () => Promise<Partial<ArchiveOptions>>][] = [
  ['unsigned', 'not signed', async () => ({ signers: [], signedBy: [await signingKey()] })],
  ['signed by another', 'not by a key', async () => ({ signedBy: [await signingKey('other')] })],
  ['expired', 'out of date', async () => ({ date: new Date('2020-01-01'), validUntil: new Date('2020-02-01') })],
  ['cut short', 'cut short', async () => ({ fault: 'truncated-index' })],
];

test.each(INDEX)('an index that is %s', async (_what, said, options) => {
  await lab.archive('vendor', { packages, ...(await options()) }, CHECKED);
  const refusal = await lab.refuse(lab.treefile(vendor));
  expect(refusal).toMatchObject({ stage: 'resolve', exit: 65, hint: expect.any(String) });
  expect(refusal.message).toContain("cannot use the index of 'vendor testkit'");
  expect(refusal.message).toContain(said);
});

test('an archive that cannot be reached, with a password that is not told', async () => {
  await lab.archive('vendor', { packages }, '', 'http://somebody:secret@127.0.0.1:1/debian');
  const refusal = await lab.refuse(lab.treefile(vendor));
  expect(refusal).toMatchObject({ stage: 'resolve', exit: 69, hint: expect.any(String) });
  expect(refusal.message).toContain("cannot use the index of 'vendor testkit'");
  expect(refusal.message).toContain('127.0.0.1:1');
  expect(refusal.stderr).not.toContain('secret');
});

const DEB = '/pool/main/d/demo/demo_1.0-1_all.deb';

/** Has the vendor's archive served, with a fault at its package. */
async function served(fault: Fault): Promise<Served> {
  const directory = await lab.archive('vendor', { packages }, '', 'URI');
  const server = await serve(directory, { [DEB]: fault });
  servers.push(server);
  lab.edit('vendor.sources', (text) => text.replace('URIs: URI', `URIs: ${server.url}`));
  return server;
}

test('a package that is not there (404)', async () => {
  await served({ status: 404 });
  expect(await lab.refuse(lab.treefile(vendor))).toMatchObject({
    ...{ stage: 'fetch', exit: 69 },
    message: expect.stringContaining("cannot download 'demo_1.0-1_all.deb': not found (404)"),
    hint: expect.any(String),
  });
});

test('a package that fails after a password was asked for does not tell it', async () => {
  await served({ status: 403 });
  lab.edit('vendor.sources', (text) => text.replace('http://', 'http://somebody:secret@'));
  const refusal = await lab.refuse(lab.treefile(vendor));
  expect(refusal).toMatchObject({ stage: 'fetch', exit: 69 });
  expect(refusal.stderr).not.toContain('secret');
});

test.each<[string, Fault, (string | undefined)[]]>([
  ['is slow', { bytesPerSecond: 400_000 }, [undefined]],
  ['drops the connection halfway', { dropAfter: 50_000 }, [undefined, 'bytes=50000-']],
])('a server that %s is no failure', async (_what, fault, ranges) => {
  const server = await served(fault);
  const result = await lab.compose(lab.treefile(vendor), '--download-only-debs');
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(server.log.filter(({ path }) => path === DEB).map(({ range }) => range)).toEqual(ranges);
  lab.forgetDownloads();
});
