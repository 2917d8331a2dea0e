import { AotError } from '@apt-ostree/errors';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  canonicalJson,
  configureKey,
  inputHash,
  KINDS,
  packageId,
  parseManifest,
  schemaOf,
  serialize,
  sourceDateEpoch,
} from '../src/index.ts';
import { packages } from './sample.ts';

const parse = (text: string) => parseManifest(text, ['aot.packages/v1'], 'standard input');

function failure(text: string): Pick<AotError, 'exit' | 'code' | 'message' | 'hint'> {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof AotError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('reading', () => {
  test('what was written is read, with members that nobody knows', () => {
    const manifest = { ...packages(), later: { a: [1] } };
    manifest.packages[0]!['colour'] = 'blue';
    expect(parse(serialize(manifest))).toEqual(manifest);
  });

  test('a document cut anywhere never parses', () => {
    const text = serialize(packages()).trimEnd();
    for (let length = 0; length < text.length; length += 7) {
      expect([65, 66]).toContain(failure(text.slice(0, length)).exit);
    }
  });

  test('an empty one says where it should come from: a pipe, or what the file should hold', () => {
    const hintOf = (from: string) => {
      try {
        parseManifest('', ['aot.packages/v1'], from);
      } catch (error) {
        return (error as { hint?: string }).hint;
      }
      return undefined;
    };
    expect(hintOf('standard input')).toBe('pipe in the output of a stage that writes aot.packages/v1');
    expect(hintOf("lock file 'x'")).toBe('it should hold the output of a stage that writes aot.packages/v1');
  });

  test.each<[string, string, number, string, string]>([
    ['nothing', '', 66, 'no-input', 'it is empty'],
    ['white space', ' \n', 66, 'no-input', 'it is empty'],
    ['no JSON', 'error: no\n', 65, 'cut-manifest', 'it is not one whole JSON document'],
    ['two documents', '{}{}', 65, 'cut-manifest', 'it is not one whole JSON document'],
    ['null', 'null', 65, 'wrong-kind', 'it has no kind'],
    ['a list', '[]', 65, 'wrong-kind', 'it has no kind'],
    ['no kind', '{"a":1}', 65, 'wrong-kind', 'it has no kind'],
    ['another kind', '{"kind":"aot.rootfs/v1"}', 65, 'wrong-kind', "it is 'aot.rootfs/v1', not 'aot.packages/v1'"],
    ['a newer version', '{"kind":"aot.packages/v2"}', 65, 'newer-version', "it is 'aot.packages/v2'"],
    ['missing members', '{"kind":"aot.packages/v1"}', 65, 'invalid-manifest', 'it is no valid aot.packages/v1: '],
  ])('%s', (_, text, exit, code, reason) => {
    const error = failure(text);
    expect([error.exit, error.code]).toEqual([exit, code]);
    expect(error.message).toContain(`manifest from standard input: ${reason}`);
  });

  test.each([
    ['a path that climbs', { path: 'pool/../../etc/passwd' }],
    ['an absolute path', { path: '/etc/passwd' }],
    ['a null byte in a path', { path: 'a\0b' }],
    ['an empty path', { path: '' }],
    ['a short hash', { sha256: 'abc' }],
    ['a hash in capitals', { sha256: 'A'.repeat(64) }],
    ['a negative size', { size: -1 }],
    ['a size that is no integer', { size: 1.5 }],
    ['a name that is an option', { name: '--force' }],
    ['a name that is a path', { name: '../a' }],
    ['a number for a version', { version: 1 }],
  ])('%s is refused, and its member named', (_, wrong) => {
    const manifest = packages() as unknown as { packages: object[] };
    Object.assign(manifest.packages[1]!, wrong);
    expect(failure(JSON.stringify(manifest))).toMatchObject({
      exit: 65,
      code: 'invalid-manifest',
      message: expect.stringContaining(`packages.1.${Object.keys(wrong)[0]}: `),
    });
  });
});

describe('writing', () => {
  test('the kind comes first, and the same value gives the same text', () => {
    const { kind, ...rest } = packages();
    expect(serialize({ ...rest, kind })).toBe(serialize(packages()));
    expect(serialize(packages())).toMatch(/^\{\n "kind": "aot\.packages\/v1",\n[\s\S]*\}\n$/);
  });

  test('what readers would refuse is a bug here', () => {
    const manifest = packages();
    manifest.packages[0]!.sha256 = 'x';
    expect(() => serialize(manifest)).toThrow();
    expect(() => serialize(manifest)).not.toThrow(AotError);
  });

  test('every kind has a schema', () => {
    expect(KINDS.map((kind) => schemaOf(kind)).every(Boolean)).toBe(true);
    expect(KINDS[0]).toBe('aot.packages/v1');
  });
});

describe('what manifests are named by', () => {
  test('canonical JSON has one form, whatever the order of members', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  });

  const changed = (change: (m: ReturnType<typeof packages>) => void) => {
    const manifest = packages();
    change(manifest);
    return {
      configure: configureKey(manifest) !== configureKey(packages()),
      input: inputHash(manifest) !== inputHash(packages()),
    };
  };

  test.each<[string, (m: ReturnType<typeof packages>) => void, { configure: boolean; input: boolean }]>([
    ['nothing', () => {}, { configure: false, input: false }],
    [
      'a version',
      (m) => {
        m.packages[0]!.version = '2';
      },
      { configure: true, input: true },
    ],
    [
      'a hash',
      (m) => {
        m.packages[0]!.sha256 = 'f'.repeat(64);
      },
      { configure: true, input: true },
    ],
    ['the order of configuration', (m) => void m.plan[1]!.packages.reverse(), { configure: true, input: true }],
    [
      'a debconf answer',
      (m) => {
        m.treefile['debconf'] = ['a'];
      },
      { configure: true, input: true },
    ],
    [
      'another part of the treefile',
      (m) => {
        m.treefile['units'] = ['a'];
      },
      { configure: false, input: true },
    ],
    [
      'a script beside the treefile',
      (m) => {
        m.inputs[0]!.sha256 = 'f'.repeat(64);
      },
      { configure: false, input: true },
    ],
    [
      'where it came from',
      (m) => {
        m.packages[0]!.path = 'elsewhere.deb';
      },
      { configure: false, input: false },
    ],
    [
      'a file that says where packages come from',
      (m) => void m.inputs.push({ path: 'a.sources', sha256: 'a'.repeat(64), executable: false, use: 'archive' }),
      { configure: false, input: false },
    ],
  ])('%s', (_, change, wanted) => {
    expect(changed(change)).toEqual(wanted);
  });

  test('the clock is SOURCE_DATE_EPOCH, or the newest index', () => {
    const before = process.env['SOURCE_DATE_EPOCH'];
    onTestFinished(() => {
      if (before === undefined) delete process.env['SOURCE_DATE_EPOCH'];
      else process.env['SOURCE_DATE_EPOCH'] = before;
    });
    delete process.env['SOURCE_DATE_EPOCH'];
    expect(sourceDateEpoch(packages())).toBe(1_700_000_000);
    expect(sourceDateEpoch({ indices: [] })).toBe(0);
    process.env['SOURCE_DATE_EPOCH'] = '42';
    expect(sourceDateEpoch(packages())).toBe(42);
    process.env['SOURCE_DATE_EPOCH'] = '';
    expect(sourceDateEpoch(packages())).toBe(1_700_000_000);
    process.env['SOURCE_DATE_EPOCH'] = 'yesterday';
    expect(() => sourceDateEpoch(packages())).toThrow("'SOURCE_DATE_EPOCH' cannot be 'yesterday'");
  });

  test('a package', () => {
    expect(packageId({ name: 'libc6', architecture: 'amd64' })).toBe('libc6:amd64');
  });
});
