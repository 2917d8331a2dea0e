import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { readSysroot, requireHost, type Sysroot } from '@apt-ostree/host';
import { NOTICE } from '../notice.ts';
import { type Facts, gatherFacts } from '../status/facts.ts';
import { deploymentJson } from '../status/json.ts';
import { deploymentText } from '../status/text.ts';
import { utc } from '../utc.ts';
import type { HistoryArgs } from './command.ts';
import { type Entry, entriesOf } from './entries.ts';
import { readMarks } from './journal.ts';

/** `ex history`: the deployments that were booted, the last one first. */
export async function history(args: HistoryArgs, context: Context): Promise<string> {
  const limit = args.all ? Number.POSITIVE_INFINITY : parseLimit(args.limit);
  context.note(NOTICE);
  requireHost('/', { root: false });
  const sysroot = await readSysroot('/');
  const entries = entriesOf(await readMarks()).slice(0, limit);
  const facts = await factsByPath(sysroot, entries);
  const show = args.json ? entryJson : entryText(args.verbose);
  return entries.map((e) => show(e, facts.get(e.path))).join(args.json ? '' : '\n');
}

function parseLimit(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new AotError('usage', `option '--limit' cannot be '${text}'`, { hint: 'give a number, or --all' });
}

/** What is still deployed can be described in full. */
async function factsByPath(sysroot: Sysroot, entries: readonly Entry[]): Promise<Map<string, Facts>> {
  const wanted = new Set(entries.map((e) => e.path));
  const there = sysroot.deployments.filter((d) => wanted.has(`/${d.path}`));
  const facts = await gatherFacts(sysroot, there);
  return new Map(facts.map((f) => [`/${f.deployment.path}`, f]));
}

/** Of what is gone only what the journal knows. */
function remembered({ path, made }: Entry) {
  const [, osname = '', checksum = '', serial = ''] =
    /^\/ostree\/deploy\/([^/]+)\/deploy\/([0-9a-f]{64})\.(\d+)$/.exec(path) ?? [];
  return {
    id: `${osname}-${checksum}.${serial}`,
    osname,
    checksum,
    serial: Number(serial),
    ...(made?.version === undefined ? {} : { version: made.version }),
  };
}

function entryJson(entry: Entry, facts: Facts | undefined): string {
  const { made } = entry;
  const object = {
    deployment: facts ? deploymentJson(facts) : remembered(entry),
    ...(made === undefined ? {} : { 'deployment-create-timestamp': made.time }),
    ...(made?.commandLine === undefined ? {} : { 'deployment-create-command-line': made.commandLine }),
    'boot-count': entry.boots,
    'first-boot-timestamp': entry.firstBoot,
    'last-boot-timestamp': entry.lastBoot,
  };
  return `${JSON.stringify(object, null, 2)}\n`;
}

const entryText =
  (verbose: boolean) =>
  (entry: Entry, facts: Facts | undefined): string => {
    const { made, boots, firstBoot, lastBoot } = entry;
    const lines = [
      `BootTimestamp: ${utc(lastBoot)}`,
      ...(boots > 1 ? [`BootCount: ${boots}; first booted on ${utc(firstBoot)}`] : []),
      ...(made ? [`CreateTimestamp: ${utc(made.time)}`] : []),
      ...(made?.commandLine ? [`CreateCommand: ${made.commandLine}`] : []),
      facts ? deploymentText(facts, verbose) : rememberedText(entry),
    ];
    return `${lines.join('\n')}\n`;
  };

function rememberedText(entry: Entry): string {
  const { osname, checksum, version } = remembered(entry);
  const rows = [
    ['Version', version],
    ['Commit', checksum],
  ].filter(([, value]) => value !== undefined);
  return [`  ${osname} (removed)`, ...rows.map(([key = '', value]) => `${key.padStart(25)}: ${value}`)].join('\n');
}
