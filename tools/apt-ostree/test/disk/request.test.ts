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

async function refusal(...words: string[]): Promise<{ code: string; message: string; hint: string | undefined }> {
  try {
    await request(...words);
  } catch (error) {
    if (isAotError(error))
      return { code: error.code, message: error.message.replaceAll(`${directory}/`, ''), hint: error.hint };
    throw error;
  }
  throw new Error(`was taken: ${words.join(' ')}`);
}

test('what is asked for', async () => {
  expect(await request()).toMatchObject({
    rev: 'a/ref',
    output: at('disk.img'),
    format: 'raw',
    size: undefined,
    kargs: [],
  });
  const words = ['--size', '8G', '--karg', 'quiet', '--karg', 'console=ttyS0,115200', '--separate-boot'];
  expect(await request(...words, '--hostname', 'web-1.example.org', '--stateroot', 'debian')).toMatchObject({
    ...{ size: 8 * 2 ** 30, kargs: ['quiet', 'console=ttyS0,115200'], separateBoot: true },
    ...{ hostname: 'web-1.example.org', stateroot: 'debian', account: undefined },
  });
});

test('whom the machine lets in', async () => {
  expect((await request('--ssh-key', at('key.pub'))).account).toEqual({ name: 'root', hash: undefined, keys: [KEY] });
  expect((await request('--user', 'ada', '--password-hash-file', at('hash'))).account).toEqual({
    ...{ name: 'ada', hash: HASH, keys: [] },
  });
});

test.each([
  ['4294967296', 2 ** 32],
  ['4096M', 2 ** 32],
  ['4GiB', 2 ** 32],
  ['1048577', 2 ** 20],
])('a size of %s', (text, bytes) => {
  expect(parseSize(text, '--size')).toBe(bytes);
});

test.each(['', '0', '-1', '4 G', '4g', '1.5G', 'G', '99999999T'])("no size: '%s'", (text) => {
  expect(() => parseSize(text, '--size')).toThrow(`cannot use '${text}' for --size`);
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
test.each(REFUSED)('%j is refused', async (words, message, hint) => {
  expect(await refusal(...words)).toEqual({ code: 'usage', message, hint: expect.stringMatching(hint) });
});

test.each(['plain', 'two', 'field', 'empty'])("'%s' is no hash of a password", async (name) => {
  expect(await refusal('--password-hash-file', at(name))).toEqual({
    ...{ code: 'data', message: `cannot use '${name}': it does not hold one hash as crypt(5) has it` },
    hint: expect.stringContaining('openssl passwd'),
  });
});

test('a key that is none, or that is nobody else’s affair', async () => {
  const hint = expect.stringContaining('.pub');
  expect(await refusal('--ssh-key', at('key'))).toEqual({
    code: 'data',
    message: "cannot use 'key': it holds a private key",
    hint,
  });
  expect((await refusal('--ssh-key', at('plain'))).message).toBe(
    "cannot use 'plain': it holds no public key of OpenSSH",
  );
  expect((await refusal('--ssh-key', at('empty'))).message).toBe(
    "cannot use 'empty': it holds no public key of OpenSSH",
  );
  expect((await refusal('--ssh-key', at('missing'))).message).toBe("cannot read 'missing': no such file or directory");
});

test('a place where no image can be', async () => {
  expect(await refusal('--output', at('none/disk.img'))).toMatchObject({ code: 'usage' }); // given twice
  const place = (output: string) => () =>
    readRequest(parse<DiskArgs>(definition, ['--repo', 'repo', '--output', output, 'ref']));
  await expect(place(at('none/disk.img'))()).rejects.toThrow(/there is no directory '.*none'/);
  await expect(place(at('directory'))()).rejects.toThrow('it is there and not a file');
  await expect(place('/dev/null')()).rejects.toThrow('it is there and not a file');
  await expect(place(at('hash/disk.img'))()).rejects.toThrow(/is not a directory|not a directory/);
});

/** A treefile in a directory of its own, with the keys of the file `key.pub` beside it. */
function treefile(name: string, text: string): string {
  writeFileSync(at(name), text);
  return at(name);
}

test('what no option says is taken from a treefile, and what it includes', async () => {
  treefile('base.yaml', 'disk: {size: 6G, hostname: base, kargs: [quiet]}\n');
  const disk = '{hostname: web, user: ada, ssh-key: key.pub, separate-boot: true, kargs: [console=ttyS0]}';
  const file = treefile('host.yaml', `include: base.yaml\nref: a/host\ndisk: ${disk}\n`);
  const ask = (...words: string[]) =>
    readRequest(parse<DiskArgs>(definition, ['--repo', 'r', '--output', at('d.img'), '--treefile', file, ...words]));
  expect(await ask()).toMatchObject({
    ...{ rev: 'a/host', size: 6 * 2 ** 30, hostname: 'web', separateBoot: true, kargs: ['console=ttyS0'] },
    account: { name: 'ada', keys: [KEY] },
  });
  expect(await ask('--hostname', 'mine', '--karg', 'debug', 'another/ref')).toMatchObject({
    ...{ rev: 'another/ref', hostname: 'mine', size: 6 * 2 ** 30, kargs: ['console=ttyS0', 'debug'] },
  });
});

test('what is wrong in a treefile is named by its key', async () => {
  const file = treefile('bad.yaml', 'disk: {hostname: a_b}\n');
  expect((await refusal('--treefile', file)).message).toBe("cannot use 'a_b' for 'disk.hostname' of 'bad.yaml'");
  const args = parse<DiskArgs>(definition, ['--repo', 'r', '--output', at('d.img'), '--treefile', file]);
  await expect(readRequest(args)).rejects.toMatchObject({ message: 'argument REV must be specified' });
});
