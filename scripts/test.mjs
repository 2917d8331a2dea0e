// npm test: sets the machine up, then types, lint and every test. The last line counts what ran.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DISK, PACKAGE, RUN, TEST } from './lib/packages.mjs';
import { setup, TOP } from './lib/setup.mjs';

setup([...RUN, ...DISK, ...TEST, ...PACKAGE]);

const results = join(TOP, 'build/test-results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const bin = (name) => join(TOP, 'node_modules/.bin', name);
const steps = [
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['unit', bin('vitest'), vitest('unit')],
  ['tools', bin('vitest'), vitest('tools')],
  ['e2e', bin('vitest'), vitest('e2e')],
  ['vm', bin('vitest'), vitest('vm')],
];

function vitest(project) {
  return [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(results, `${project}.json`)}`,
  ];
}

const failedSteps = steps.filter(([name, file, args]) => {
  process.stdout.write(`\n== ${name}\n`);
  return spawnSync(file, args, { cwd: TOP, stdio: ['ignore', 'inherit', 'inherit'] }).status !== 0;
});

let passed = 0;
let failed = 0;
let skipped = 0;
for (const project of ['unit', 'tools', 'e2e', 'vm']) {
  const summary = read(join(results, `${project}.json`));
  passed += summary.numPassedTests;
  failed += summary.numFailedTests;
  skipped += summary.numPendingTests + summary.numTodoTests;
}
for (const [name] of failedSteps) process.stdout.write(`step '${name}' failed\n`);
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
