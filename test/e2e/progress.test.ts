import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ProgressEvent } from '@apt-ostree/cli';
import { start } from '@apt-ostree/run';
import { type Served, serve, toolPath } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ComposeLab } from '../lib/compose-lab.ts';

/** When an event came, in seconds, and what it said. */
type Arrival = ProgressEvent & { at: number };

const NAMES = ['alpha', 'beta', 'gamma', 'delta'];
let lab: ComposeLab;
let treefile: string;
let server: Served;

beforeAll(async () => {
  lab = await ComposeLab.open();
  const packages = NAMES.map((name) => ({
    ...{ name, files: { [`/usr/share/${name}`]: name } },
    scripts: { postinst: 'sleep 0.3' }, // longer than the time between two events
  }));
  const directory = await lab.archive('slow', { packages }, '', 'http://archive.test');
  server = await serve(directory);
  treefile = lab.treefile({ repos: ['base', 'slow'], packages: NAMES, postprocess: ['true'] });
});

afterAll(() => server.close());

/** Composes with a fresh cache, and reads the events as they come. */
async function events(): Promise<Arrival[]> {
  const places = ['--repo', `${lab.directory}/fresh-repo`, '--cachedir', `${lab.directory}/fresh-cache`];
  const argv = [
    toolPath('apt-ostree'),
    'compose',
    'tree',
    '--progress-fd',
    '3',
    '--proxy',
    server.url,
    ...places,
    treefile,
  ];
  const { child, ended } = start(process.execPath, argv, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const found: Arrival[] = [];
  for await (const line of createInterface({ input: child.stdio[3] as Readable }))
    found.push({ ...(JSON.parse(line) as ProgressEvent), at: performance.now() / 1000 });
  expect(await ended).toEqual({ code: 0, signal: null });
  return found;
}

test('--progress-fd tells of every phase, with counts that rise to their totals, and of the scripts by name', async () => {
  const found = await events();
  const phases = byPhase(found);
  expect([...phases.keys()]).toEqual(
    expect.arrayContaining([
      ...['aot-resolve index', 'aot-resolve solve', 'aot-fetch download', 'aot-unpack import', 'aot-unpack assemble'],
      ...['aot-sandbox scripts', 'aot-sandbox postprocess', 'aot-commit commit'],
    ]),
  );
  for (const [name, list] of phases) {
    expect([name, list.map(({ type }) => type)]).toEqual([name, inOrder(list)]);
    expect([name, list.map(({ done }) => done)]).toEqual([name, list.map(({ done }) => done).sort((a, b) => a - b)]);
    const last = list.at(-1) as Arrival;
    expect([name, last.done]).toEqual([name, last.total]);
    expect(last.done, name).toBeGreaterThan(0);
    expect([name, tooMany(list)]).toEqual([name, false]);
  }
  const scripts = found.filter(({ phase, type }) => phase === 'scripts' && type === 'progress').map((e) => e.name);
  expect(scripts).toEqual(expect.arrayContaining(NAMES.map((name) => `${name}:all postinst`)));
});

function byPhase(found: Arrival[]): Map<string, Arrival[]> {
  const names = new Set(found.map(({ stage, phase }) => `${stage} ${phase}`));
  return new Map([...names].map((name) => [name, found.filter((e) => `${e.stage} ${e.phase}` === name)]));
}

/** One beginning, one end, and progress between them. */
const inOrder = (list: Arrival[]): string[] => ['begin', ...list.slice(2).map(() => 'progress'), 'end'];

/** At most five a second; one that came late stands closer to the next. */
function tooMany(list: Arrival[]): boolean {
  const between = list.filter(({ type }) => type === 'progress');
  return between.some(({ at }) => between.filter((other) => other.at >= at && other.at < at + 1).length > 6);
}
