import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { beforeEach, expect, test } from 'vitest';
import { formatImageReference, parseBaseImage } from '../src/index.ts';
import { isInsecure, readRegistriesConf } from '../src/registries-conf.ts';

let system: string;
let own: string;
beforeEach(() => {
  system = temporary();
  own = temporary();
});

function write(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

const resolve = async (name: string, environment: NodeJS.ProcessEnv = {}) =>
  formatImageReference(await parseBaseImage(name, { system, environment: { XDG_CONFIG_HOME: own, ...environment } }));

test('a name with its registry is what it says', async () => {
  write(join(system, 'registries.conf'), 'not TOML');
  expect(await resolve('r.example/debian:13')).toBe('registry:r.example/debian:13');
  expect(await resolve('localhost/debian')).toBe('registry:localhost/debian');
  expect(await resolve('r:5000/debian')).toBe('registry:r:5000/debian');
  expect(await resolve('oci:build/image:13')).toBe('oci:build/image:13');
  expect(await resolve('docker://r.example/debian')).toBe('registry:r.example/debian');
});

test('aliases come before the registry for short names', async () => {
  write(join(system, 'registries.conf'), 'unqualified-search-registries = ["r.example"]\n');
  write(join(system, 'registries.conf.d/shortnames.conf'), '[aliases]\n"debian" = "d.example/library/debian"\n');
  expect(await resolve('debian:13')).toBe('registry:d.example/library/debian:13');
  expect(await resolve('team/os:13')).toBe('registry:r.example/team/os:13');
  const digest = `sha256:${'0'.repeat(64)}`;
  expect(await resolve(`debian@${digest}`)).toBe(`registry:d.example/library/debian@${digest}`);
});

test("later files win, the user's over the machine's", async () => {
  write(join(system, 'registries.conf'), 'unqualified-search-registries = ["a.example", "b.example"]\n');
  await expect(resolve('os')).rejects.toMatchObject({
    code: 'short-name',
    hint: "write 'a.example/os' or 'b.example/os'",
  });
  write(join(system, 'registries.conf.d/1.conf'), 'unqualified-search-registries = ["c.example"]\n');
  expect(await resolve('os')).toBe('registry:c.example/os');
  write(join(own, 'containers/registries.conf.d/1.conf'), '[aliases]\nos = "d.example/os"\n');
  expect(await resolve('os')).toBe('registry:d.example/os');
  write(join(own, 'named.conf'), 'unqualified-search-registries = ["e.example"]\n');
  expect(await resolve('other', { CONTAINERS_REGISTRIES_CONF: join(own, 'named.conf') })).toBe(
    'registry:c.example/other',
  );
});

test.each([
  ['', 'short-name'],
  ['unqualified-search-registries = "r.example"', 'bad-registries-conf'],
  ['[aliases]\nos = 1', 'bad-registries-conf'],
  ['aliases = []', 'bad-registries-conf'],
  ['[', 'bad-registries-conf'],
  ['[[registry]]\ninsecure = true', 'bad-registries-conf'],
  ['[[registry]]\nlocation = "r.example"\ninsecure = 1', 'bad-registries-conf'],
])('a configuration of %j does not help', async (text, code) => {
  write(join(system, 'registries.conf'), text);
  await expect(resolve('os')).rejects.toMatchObject({ exit: 78, code });
});

test('which registries do without TLS is said by the entry that says most', async () => {
  write(
    join(system, 'registries.conf'),
    '[[registry]]\nprefix = "*.lab.example"\ninsecure = true\n[[registry]]\nlocation = "r.example:5000/team"\ninsecure = true\n',
  );
  write(
    join(system, 'registries.conf.d/1.conf'),
    '[[registry]]\nlocation = "r.example:5000/team/os"\n[[registry]]\nprefix = "x.example"\nlocation = "y.example"\ninsecure = true\n',
  );
  const conf = await readRegistriesConf({ system, environment: { XDG_CONFIG_HOME: own } });
  const insecure = ['r.example:5000/team/tool', 'a.b.lab.example:80/os', 'x.example/os', 'x.example:5000/os'];
  const secure = ['r.example:5000/team/os', 'r.example:5000/teams', 'r.example/team', 'lab.example/os', 'y.example/os'];
  expect(insecure.filter((name) => !isInsecure(conf, name))).toEqual([]);
  expect(secure.filter((name) => isInsecure(conf, name))).toEqual([]);
});

test('what an alias leads to is checked as any name is', async () => {
  write(join(system, 'registries.conf'), '[aliases]\nos = "../../etc"\n');
  await expect(resolve('os')).rejects.toMatchObject({ exit: 64 });
});
