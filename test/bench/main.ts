import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '@apt-ostree/run';
import { TOP } from '../lib/checkout.ts';
import { COMPOSE_ROWS, type Row, type Workspace } from './compose-rows.ts';
import { DAEMON_ROWS } from './daemon-rows.ts';
import { DISK_ROWS } from './disk-rows.ts';
import { EXPORT_ROWS } from './export-rows.ts';
import { HOST_ROWS } from './host-rows.ts';
import { LAYER_ROWS } from './layer-rows.ts';
import { median, type Sample } from './measure.ts';
import { startupRows } from './startup.ts';
import { UPGRADE_ROWS } from './upgrade-rows.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
const { only } = values;
const runs = Number(values.runs);
if (values.help || !(runs > 0)) {
  process.stdout.write('pnpm bench [--runs N] [--only TEXT]: a Markdown table, medians and ratios of paired runs\n');
  process.exit(values.help ? 0 : 64);
}

const bench = join(TOP, 'build/bench');
const work: Workspace = { directory: join(bench, `work-${process.pid}`), log: join(bench, 'log'), run: 0 };
mkdirSync(work.directory, { recursive: true });

process.stdout.write(`${machine()}\n\n| work | ours | peer | ratio | target |\n|---|---|---|---|---|\n`);
const memory = new Map<string, number>();
const GROUPS = [COMPOSE_ROWS, HOST_ROWS, DISK_ROWS, EXPORT_ROWS, UPGRADE_ROWS, LAYER_ROWS, DAEMON_ROWS];
for (const { rows, close } of GROUPS) {
  const asked = rows.filter((row) => row.title.includes(only));
  for (const row of asked) process.stdout.write(`${await time(row)}\n`);
  if (asked.length > 0) await close?.();
}

if (only === '' || only === 'memory') {
  process.stdout.write('\n| process | peak memory |\n|---|---|\n');
  for (const [name, peak] of [...memory].sort((a, b) => b[1] - a[1]).slice(0, 16))
    process.stdout.write(`| ${name} | ${peak.toFixed(0)} MiB |\n`);
}
if (only === '' || only === 'start') {
  process.stdout.write('\n| start of | `--help` | times `node -e 0` | target |\n|---|---|---|---|\n');
  for (const s of startupRows(20))
    process.stdout.write(`| ${s.tool} | ${s.milliseconds.toFixed(0)} ms | ${s.ratio.toFixed(2)} | 1.7 |\n`);
}
rmSync(work.directory, { recursive: true, force: true });

/**
 * Ours and the peer's in turn, so that a drift of the machine's speed hits both; what the one has left to be written is on
 * the disk before the other begins.
 */
async function time(row: Row): Promise<string> {
  const ours: Sample[] = [];
  const theirs: Sample[] = [];
  for (let i = 0; i < runs; i++) {
    await row.prepare?.(work);
    await run('sync', []);
    ours.push(remember(await row.ours(work)));
    if (!row.peer) continue;
    await run('sync', []);
    theirs.push(await row.peer(work));
  }
  const seconds = (samples: Sample[]) => `${median(samples.map((s) => s.seconds)).toFixed(2)} s`;
  const note = row.note === undefined ? '' : ` (${await row.note(work)})`;
  const ratio =
    theirs.length > 0 ? median(ours.map((s, i) => s.seconds / (theirs[i] as Sample).seconds)).toFixed(2) : '';
  return `| ${row.title}${note} | ${seconds(ours)} | ${theirs.length > 0 ? seconds(theirs) : ''} | ${ratio} | ${row.target} |`;
}

function remember(sample: Sample): Sample {
  for (const [name, peak] of sample.memory) memory.set(name, Math.max(peak, memory.get(name) ?? 0));
  return sample;
}

function machine(): string {
  const debian = readFileSync('/etc/debian_version', 'utf8').trim();
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, Debian ${debian}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; medians of ${runs} paired runs.`;
}
