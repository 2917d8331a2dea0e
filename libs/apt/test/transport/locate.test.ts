import type { PackageItem } from '@apt-ostree/manifest';
import { expect, test } from 'vitest';
import { type Archive, packageUrls, redact } from '../../src/transport/index.ts';

const archive = (uri: string, more: Partial<Archive> = {}): Archive => ({
  id: 'debian',
  suite: 'trixie',
  components: ['main'],
  uris: [uri],
  ...more,
});

const item = (path: string, component = 'main') =>
  ({ name: 'p', path, source: { id: 'debian', suite: 'trixie', component, index: '' } }) as PackageItem;

const hrefs = (path: string, ...archives: Archive[]) => packageUrls(item(path), archives).map((url) => url.href);

test('mirrors come in their order', () => {
  const source = archive('http://a.example/debian/', { uris: ['http://a.example/debian/', 'file:/srv/debian'] });
  expect(hrefs('pool/p.deb', source)).toEqual(['http://a.example/debian/pool/p.deb', 'file:///srv/debian/pool/p.deb']);
});

test.each([
  ['./p.deb', 'http://a.example/p.deb'],
  ['pool/g++_1%3a2~b.deb', 'http://a.example/pool/g%2b%2b_1%253a2%7eb.deb'],
  ['pool/a b?c#d.deb', 'http://a.example/pool/a%20b%3fc%23d.deb'],
  ['http://evil.example/x.deb', 'http://a.example/http://evil.example/x.deb'],
  ['https:x.deb', 'http://a.example/https:x.deb'],
  ['x\\..\\..\\y.deb', 'http://a.example/x%5C..%5C..%5Cy.deb'],
])('the path %s stays below the archive', (path, href) => {
  expect(hrefs(path, archive('http://a.example/'))).toEqual([href]);
});

test('the source is the one with that id, suite and component; those of the lock come last', () => {
  const here = [
    archive('http://other/', { id: 'other' }),
    archive('http://sid/', { suite: 'sid' }),
    archive('http://contrib/', { components: ['contrib'] }),
    archive('http://main/'),
  ];
  const lock = [archive('http://lock/'), archive('http://lock-non-free/', { components: ['non-free'] })];
  const host = (component: string) => packageUrls(item('p', component), here, lock).map((url) => url.host);
  expect(['main', 'contrib', 'non-free'].map(host)).toEqual([['main'], ['contrib'], ['lock-non-free']]);
});

test('no source: the error names it and the way out', () => {
  expect(() => packageUrls(item('p'), [])).toThrow(
    expect.objectContaining({
      exit: 78,
      message: "cannot locate 'p': no source 'debian' with suite 'trixie' and component 'main'",
      hint: expect.stringContaining('lockfile-repos'),
    }),
  );
});

test.each([
  ['cdrom:[Debian]/', /a disc can only be used by apt itself/],
  ['mirror+http://m/', /mirror lists are not read/],
  ['ssh://me:secret@h/x', /^cannot fetch from 'ssh:\/\/h\/x': the transport 'ssh' is not known/],
  ['file://host/x', /another host/],
  ['nonsense', /not known/],
])('%s is refused', (uri, message) => {
  expect(() => hrefs('p', archive(uri))).toThrow(message);
});

test('what is shown of a URI has no login', () => {
  expect(redact('https://me:s@cret@h/p@q')).toBe('https://h/p@q');
  expect(redact('http://h/a@b')).toBe('http://h/a@b');
  expect(redact('https://me:se/cret@h/p')).toBe('https://h/p');
});
