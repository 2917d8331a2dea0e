import { Stanza } from 'deb822';
import { describe, expect, test } from 'vitest';
import { parseUris } from '../src/chosen.ts';
import { essentialClosure } from '../src/essential.ts';
import { nearNames } from '../src/near.ts';
import type { PackageRecord } from '../src/package-index.ts';
import { parsePlan } from '../src/plan.ts';
import type { AptRoot } from '../src/private-root.ts';
import { solveError } from '../src/solve-error.ts';
import { updateError } from '../src/update-error.ts';

const uris = `Reading package lists...
'http://mirror.example/debian/pool/main/g/glibc/libc6_2.41-12%2bdeb13u4_amd64.deb' libc6_2.41-12+deb13u4_amd64.deb 2846580 SHA256:00
'http://mirror.example/debian/pool/main/v/vim/vim-common_9.1-2_all.deb' vim-common_2%3a9.1-2_all.deb 12 SHA256:00
`;

test('what apt would download says name, version and architecture', () => {
  expect(parseUris(uris).map((c) => [c.name, c.version, c.architecture, c.size])).toEqual([
    ['libc6', '2.41-12+deb13u4', 'amd64', 2846580],
    ['vim-common', '2:9.1-2', 'all', 12],
  ]);
  expect(parseUris(uris)[0]?.uri).toContain('libc6_2.41-12+deb13u4_amd64.deb');
});

test("apt's plan is its dpkg calls, without the last one", () => {
  const text = `/usr/bin/dpkg --status-fd 14 --no-triggers --unpack --auto-deconfigure /a/libc6_2.41-12+deb13u4_amd64.deb /a/vim-common_2%3a9.1-2_all.deb
/usr/bin/dpkg --status-fd 14 --no-triggers --configure libc6:amd64 vim-common
/usr/bin/dpkg --status-fd 14 --configure --pending
`;
  expect(parsePlan(text, parseUris(uris))).toEqual([
    { action: 'unpack', packages: ['libc6:amd64', 'vim-common:all'] },
    { action: 'configure', packages: ['libc6:amd64', 'vim-common:all'] },
  ]);
});

describe('the Essential closure', () => {
  const record = (fields: Record<string, string>): PackageRecord =>
    ({ stanza: new Stanza({ Architecture: 'all', Version: '1', ...fields }) }) as PackageRecord;
  const ids = (records: PackageRecord[]) =>
    essentialClosure(records, [
      { action: 'configure', packages: ['c:all', 'a:all'] },
      { action: 'unpack', packages: ['c:all', 'a:all', 'b:all'] },
    ]);

  test('follows dependencies, alternatives and what is provided, in the order of configuring', () => {
    const records = [
      record({ Package: 'a', Essential: 'yes', 'Pre-Depends': 'none | virtual (>= 2)' }),
      record({ Package: 'b', Provides: 'virtual (= 2)', Depends: 'c:any (>= 1)' }),
      record({ Package: 'c' }),
      record({ Package: 'other', Depends: 'a' }),
    ];
    expect(ids(records)).toEqual(['c:all', 'a:all', 'b:all']);
  });

  test('does not take a provider of another version', () => {
    const records = [
      record({ Package: 'a', Essential: 'yes', Depends: 'virtual (>= 3)' }),
      record({ Package: 'b', Provides: 'virtual (= 2), virtual2' }),
    ];
    expect(ids(records)).toEqual(['a:all']);
  });
});

test('near names are one slip away', () => {
  expect(nearNames('pyhton3', ['python3', 'pyton3', 'perl', 'python3-all'])).toEqual(['python3', 'pyton3']);
  expect(nearNames('zsh', ['bash', 'zsync', 'dash'])).toEqual([]);
});

describe('a failed update', () => {
  const source = (id: string, uri: string, suite: string) => ({
    id,
    uris: [uri],
    suite,
    components: ['main'],
    options: {},
  });
  const root = {
    sources: [
      source('debian', 'http://mirror.example/debian/', 'trixie'),
      source('debian', 'http://mirror.example/debian/', 'trixie-updates'),
      source('debian-security', 'http://mirror.example/debian-security/', 'trixie-security'),
    ],
  } as unknown as AptRoot;
  const judge = (text: string) => {
    const error = updateError(root, text.split('\n'));
    return [error.exit, error.message] as const;
  };

  test('names every source, with the exit of the gravest', () => {
    const [exit, message] = judge(`Err:1 http://mirror.example/debian trixie-updates InRelease
  Could not connect to mirror.example:80 (192.0.2.1), connection timed out
E: Failed to fetch http://mirror.example/debian/dists/trixie-updates/InRelease  Could not connect to mirror.example:80 (192.0.2.1), connection timed out
E: Release file for http://mirror.example/debian-security/dists/trixie-security/InRelease is expired (invalid since 2d). Updates for this repository will not be applied.
E: Some index files failed to download. They have been ignored, or old ones used instead.`);
    expect(exit).toBe(65);
    expect(message).toContain("'debian trixie-updates': it cannot be reached");
    expect(message).toContain("'debian-security trixie-security': its Release file is out of date");
    expect(message).not.toContain("'debian trixie':");
  });

  test.each([
    // apt 3 verifies with sqv, which has words of its own
    [
      'Sub-process /usr/bin/sqv returned an error code (1), error message is: Missing key 0123, which is needed to verify signature.',
      65,
      'not by a key',
    ],
    ["Clearsigned file isn't valid, got 'NOSPLIT' (does the network require authentication?)", 65, 'cut short'],
    ['404  Not Found [IP: 192.0.2.1 80]', 69, 'cannot be reached'],
    ["Temporary failure resolving 'mirror.example'", 69, 'cannot be reached'],
    ['Hash Sum mismatch', 65, 'cut short'],
  ])('%s', (reason, exit, said) => {
    const judged = judge(`E: Failed to fetch http://mirror.example/debian/dists/trixie/InRelease  ${reason}`);
    expect(judged[0]).toBe(exit);
    expect(judged[1]).toContain(`'debian trixie': `);
    expect(judged[1]).toContain(said);
  });

  test("that nobody understands is told in apt's words", () => {
    expect(judge('E: Something else entirely')).toEqual([
      69,
      'cannot update the package indices: Something else entirely',
    ]);
  });
});

describe('a failed solve', () => {
  const request = {
    words: [],
    pins: [{ package: 'gone', pin: 'release *', priority: -1 }],
    recommends: false,
    tmp: '',
  };
  const judge = (stdout: string, stderr: string) => solveError(request, { exitCode: 100, stdout, stderr }).message;

  test('lists every blocker', () => {
    const stdout = `The following packages have unmet dependencies:
 one : Depends: gone but it is not installable
       Breaks: two (< 3) but 2 is to be installed
 three : PreDepends: four (>= 1) but it is not going to be installed or
                     five
         Recommends: six but it is not installable
`;
    expect(judge(stdout, 'E: Unable to correct problems, you have held broken packages.\n')).toBe(
      "cannot find a set of packages that fits: 'one' depends on gone but it is not installable (the treefile excludes 'gone'); " +
        "'one' breaks two (< 3) but 2 is to be installed; 'three' pre-depends on four (>= 1) but it is not going to be installed or five",
    );
  });

  test("tells what apt 3's solver explains", () => {
    const stderr = `E: Unable to satisfy dependencies. Reached two conflicting assignments:
   1. left:amd64=1 is selected for install
   2. left:amd64 Conflicts right
`;
    expect(judge('', stderr)).toContain(
      'Reached two conflicting assignments: 1. left:amd64=1 is selected for install 2. left:amd64 Conflicts right',
    );
  });
});
