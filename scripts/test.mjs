// npm test: sets the machine up, then types, lint and every test. The last line counts what ran.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DISK, GUIDES, PACKAGE, RUN, TEST } from './lib/packages.mjs';
import { setup, TOP } from './lib/setup.mjs';

setup([...RUN, ...GUIDES, ...DISK, ...TEST, ...PACKAGE]);

const results = join(TOP, 'build/test-results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const bin = (name) => join(TOP, 'node_modules/.bin', name);
const project = (name) => [
  name,
  bin('vitest'),
  [
    ...['run', '--project', name, '--reporter=default', '--reporter=json'],
    `--outputFile.json=${join(results, `${name}.json`)}`,
  ],
];
const behind = ([name, file, args]) => [name, 'nice', ['-n', '5', file, ...args]];

const failedSteps = [];
await step(['types', bin('tsc'), ['-p', 'tsconfig.json']]);
await step(['lint', bin('biome'), ['check', '--error-on-warnings', '.']]);
await step(project('unit'));
await step(project('tools'));
// An emulated machine leaves a processor idle for much of its time, and has the first claim on them: its steps are one after
// the other, and each may only take so long. What it says comes when the others have ended.
const vm = running(project('vm'), 'pipe');
await step(behind(project('e2e')));
await ended(vm);

async function step(what) {
  process.stdout.write(`\n== ${what[0]}\n`);
  await ended(running(what, 'inherit'));
}

function running([name, file, args], output) {
  const child = spawn(file, args, { cwd: TOP, stdio: ['ignore', output, output] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => said.push(data));
  return { name, child, said, closed: once(child, 'close') };
}

async function ended({ name, said, closed }) {
  const [code] = await closed;
  if (said.length > 0) process.stdout.write(`\n== ${name}\n${Buffer.concat(said)}`);
  if (code !== 0) failedSteps.push(name);
}

let passed = 0;
let failed = 0;
let skipped = 0;
for (const name of ['unit', 'tools', 'e2e', 'vm']) {
  const summary = read(join(results, `${name}.json`));
  passed += summary.numPassedTests;
  failed += summary.numFailedTests;
  skipped += summary.numPendingTests + summary.numTodoTests;
}
for (const name of failedSteps) process.stdout.write(`step '${name}' failed\n`);
process.stdout.write(
  `\n${passed} passed, ${Math.max(failed, failedSteps.length)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exit(failedSteps.length === 0 && failed === 0 && skipped === 0 && passed > 0 ? 0 : 1);

/** A run that died before writing its results counts as one failure. */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 };
  }
}
