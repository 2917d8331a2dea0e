import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AptConfiguration, Credentials, readCredentials } from '../../src/transport/index.ts';

const found = (text: string, url: string) => new Credentials(text).for(new URL(url));
const apt = { user: 'apt', password: 'debian' };

// the examples of apt_auth.conf(5)
test.each([
  'machine example.org login apt password debian',
  'machine example.org\nlogin apt\n\tpassword debian\n',
  'machine example.org/deb login apt password debian',
  'machine example.org/debian login apt password debian',
  'machine example.org/debian/ login apt password debian',
  'machine other.org login no password no machine https://example.org login apt password debian',
  '# machine example.org login no password no\nmachine example.org account x login apt password debian',
])('applies: %j', (text) => {
  expect(found(text, 'https://example.org/debian/pool/a.deb')).toEqual(apt);
});

test.each([
  'machine example.org:443 login apt password debian',
  'machine example.org/deb/ login apt password debian',
  'machine example.org/ubuntu login apt password debian',
  'machine example.orga login apt password debian',
  'machine example.net login apt password debian',
  'machine http://example.org login apt password debian',
])('does not apply: %j', (text) => {
  expect(found(text, 'https://example.org/debian/pool/a.deb')).toBeUndefined();
});

test('a password travels in the clear only where that was written', () => {
  expect(found('machine example.org login apt password debian', 'http://example.org/')).toBeUndefined();
  expect(found('machine http://example.org login apt password debian', 'http://example.org/')).toEqual(apt);
});

test('a port that is named must be the port', () => {
  expect(found('machine http://example.org:8080 login apt password debian', 'http://example.org:8080/')).toEqual(apt);
  expect(found('machine http://example.org login apt password debian', 'http://example.org:8080/')).toEqual(apt);
  expect(found('machine http://example.org:81 login apt password debian', 'http://example.org:8080/')).toBeUndefined();
});

test('the login of a URL itself wins', () => {
  expect(found('machine example.org login apt password debian', 'https://me:s%40@example.org/')).toEqual({
    user: 'me',
    password: 's@',
  });
});

test('auth.conf comes first, then auth.conf.d in order; other files there do not count', () => {
  const etc = mkdtempSync(join(tmpdir(), 'aot-auth-'));
  onTestFinished(() => rmSync(etc, { recursive: true }));
  mkdirSync(join(etc, 'auth.conf.d'));
  const put = (file: string, login: string) =>
    writeFileSync(
      join(etc, file),
      `machine ${login}.org login ${login} password p\nmachine all.org login ${login} password p`,
    );
  put('auth.conf.d/20-b.conf', 'b');
  put('auth.conf.d/10-a.conf', 'a');
  put('auth.conf.d/05-c.conf.bak', 'c');
  const configuration = new AptConfiguration(
    `Dir "/";\nDir::Etc "${etc}";\nDir::Etc::netrc "auth.conf";\nDir::Etc::netrcparts "auth.conf.d";\n`,
  );
  const login = (host: string) => readCredentials(configuration).for(new URL(`https://${host}/`))?.user;
  expect(['all.org', 'a.org', 'b.org', 'c.org'].map(login)).toEqual(['a', 'a', 'b', undefined]);
  put('auth.conf', 'd');
  chmodSync(join(etc, 'auth.conf'), 0o600);
  expect(login('all.org')).toBe('d');
});
