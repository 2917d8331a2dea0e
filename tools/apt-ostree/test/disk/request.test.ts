import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAotError } from '@apt-ostree/errors';
import { beforeAll, expect, test } from 'vitest';
import { type DiskArgs, disk as definition } from '../../src/compose/disk/command.ts';
import { parseSize, readRequest } from '../../src/compose/disk/request.ts';
import { parse } from '../fake.ts';

let directory: string;
const at = (name: string): string => join(directory, name);
const HASH = '$y$j9T$abcdefghijklmnopqrstu.$abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0K8rP1QXr8Yy4Qm4Qp ada@example';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'aot-disk-'));
  mkdirSync(at('directory'));
  const files = { hash: `${HASH}\n`, 'key.pub': `# mine\n${KEY}\n\n`, key: '-----BEGIN OPENSSH PRIVATE KEY-----\n' };
  const bad = { plain: 'secret\n', two: `${HASH}\n${HASH}\n`, field: '$6$a:b\n', empty: '' };
  for (const [name, text] of Object.entries({ ...files, ...bad })) writeFileSync(at(name), text);
});

const request = (...words: string[]) =>
  readRequest(parse<DiskArgs>(definition, ['--repo', 'repo', '--output', at('disk.img'), 'a/ref', ...words]));

function refusal(...words: string[]): { code: string; message: string; hint: string | undefined } {
  try {
    request(...words);
  } catch (error) {
    if (isAotError(error))
      return { code: error.code, message: error.message.replaceAll(`${directory}/`, ''), hint: error.hint };
    throw error;
  }
  throw new Error(`was taken: ${words.join(' ')}`);
}

test('what is asked for', () => {
  expect(request()).toMatchObject({ rev: 'a/ref', output: at('disk.img'), format: 'raw', size: undefined, kargs: [] });
  const words = ['--size', '8G', '--karg', 'quiet', '--karg', 'console=ttyS0,115200', '--separate-boot'];
  expect(request(...words, '--hostname', 'web-1.example.org', '--stateroot', 'debian')).toMatchObject({
    ...{ size: 8 * 2 ** 30, kargs: ['quiet', 'console=ttyS0,115200'], separateBoot: true },
    ...{ hostname: 'web-1.example.org', stateroot: 'debian', account: undefined },
  });
});

test('whom the machine lets in', () => {
  expect(request('--ssh-key', at('key.pub')).account).toEqual({ name: 'root', hash: undefined, keys: [KEY] });
  expect(request('--user', 'ada', '--password-hash-file', at('hash')).account).toEqual({
    ...{ name: 'ada', hash: HASH, keys: [] },
  });
});

test.each([
  ['4294967296', 2 ** 32],
  ['4096M', 2 ** 32],
  ['4GiB', 2 ** 32],
  ['1048577', 2 ** 20],
])('a size of %s', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', '0', '-1', '4 G', '4g', '1.5G', 'G', '99999999T'])("no size: '%s'", (text) => {
  expect(() => parseSize(text)).toThrow(`cannot use '${text}' for --size`);
});

const REFUSED: [string[], string, RegExp][] = [
  [['--hostname', 'a_b'], "cannot use 'a_b' for --hostname", /labels of letters/],
  [['--hostname', '-a'], "cannot use '-a' for --hostname", /labels/],
  [['--stateroot', '../x'], "cannot use '../x' for --stateroot", /letters/],
  [['--refspec', 'a:b:c'], "cannot use 'a:b:c' for --refspec", /REMOTE:REF/],
  [['--karg', ''], "cannot use '' for --karg", /one argument each time/],
  [['--karg', 'a b'], "cannot use 'a b' for --karg", /one argument each time/],
  [['--karg', 'a=1\nb=2'], "cannot use 'a=1\nb=2' for --karg", /one argument/],
  [['--karg', 'root=/dev/sda'], "cannot use 'root=/dev/sda' for --karg", /has one of its own/],
  [['--user', 'Ada'], "cannot use 'Ada' for --user", /lower-case/],
  [['--user', 'a:0'], "cannot use 'a:0' for --user", /lower-case/],
  [['--user', 'ada'], "cannot make account 'ada': nobody could log in with it", /--ssh-key/],
];
test.each(REFUSED)('%j is refused', (words, message, hint) => {
  expect(refusal(...words)).toEqual({ code: 'usage', message, hint: expect.stringMatching(hint) });
});

test.each(['plain', 'two', 'field', 'empty'])("'%s' is no hash of a password", (name) => {
  expect(refusal('--password-hash-file', at(name))).toEqual({
    ...{ code: 'data', message: `cannot use '${name}': it does not hold one hash as crypt(5) has it` },
    hint: expect.stringContaining('openssl passwd'),
  });
});

test('a key that is none, or that is nobody else’s affair', () => {
  const hint = expect.stringContaining('.pub');
  expect(refusal('--ssh-key', at('key'))).toEqual({
    code: 'data',
    message: "cannot use 'key': it holds a private key",
    hint,
  });
  expect(refusal('--ssh-key', at('plain')).message).toBe("cannot use 'plain': it holds no public key of OpenSSH");
  expect(refusal('--ssh-key', at('empty')).message).toBe("cannot use 'empty': it holds no public key of OpenSSH");
  expect(refusal('--ssh-key', at('missing')).message).toBe("cannot read 'missing': no such file or directory");
});

test('a place where no image can be', () => {
  expect(refusal('--output', at('none/disk.img'))).toMatchObject({ code: 'usage' }); // given twice
  const place = (output: string) => () =>
    readRequest(parse<DiskArgs>(definition, ['--repo', 'repo', '--output', output, 'ref']));
  expect(place(at('none/disk.img'))).toThrow(/there is no directory '.*none'/);
  expect(place(at('directory'))).toThrow('it is there and not a file');
  expect(place('/dev/null')).toThrow('it is there and not a file');
  expect(place(at('hash/disk.img'))).toThrow(/is not a directory|not a directory/);
});
