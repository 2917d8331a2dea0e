import { expect, test } from 'vitest';
import { AptConfiguration } from '../../src/transport/index.ts';

const configuration = new AptConfiguration(`Dir "/";
Dir::Etc "etc/apt";
Dir::Etc::netrc "auth.conf";
Dir::Etc::netrcparts "/elsewhere/auth.d";
Acquire::http::Timeout "7";
Acquire::HTTPS::Timeout "9";
Acquire::http::User-Agent "a \\"b";
Acquire::Languages:: "none";
`);

test('option names are case-insensitive, and https falls back to http', () => {
  expect(configuration.acquire('https', 'Timeout')).toBe('9');
  expect(configuration.acquire('http', 'timeout')).toBe('7');
  expect(configuration.acquire('https', 'User-Agent')).toBe('a \\"b');
  expect(configuration.acquire('https', 'CAInfo')).toBeUndefined();
});

test('a path is below those it belongs to, unless it is absolute', () => {
  expect(configuration.path('Dir::Etc::netrc')).toBe('/etc/apt/auth.conf');
  expect(configuration.path('Dir::Etc::netrcparts')).toBe('/elsewhere/auth.d');
  expect(configuration.path('Dir::Etc::nothing')).toBeUndefined();
});

test.each([
  ['false', false],
  ['No', false],
  ['0', false],
  ['yes', true],
  [undefined, true],
])('%s is %s', (value, truth) => {
  expect(configuration.truth(value, true)).toBe(truth);
});
