import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { type ArchiveItem, type ArchivesManifest, defaultCachedir, StreamWriter } from '@apt-ostree/manifest';
import { span } from '@apt-ostree/run';
import { needs } from './needs.ts';
import { obtain } from './obtain.ts';

export interface FetchArgs {
  cachedir: string | undefined;
  'source-root': string;
  system: string | undefined;
  have: string | undefined;
  jobs: string;
  offline: boolean;
  'verify-cache': boolean;
  stream: boolean;
  output?: string;
}

/** aot.packages/v1 to aot.archives/v1: sees to it that every package is in the cache, or was imported before. */
export async function fetch(args: FetchArgs, context: Context): Promise<ArchivesManifest | undefined> {
  const jobs = checkArgs(args);
  const cachedir = args.cachedir ?? defaultCachedir();
  const { kind: _, ...members } = await context.readManifest('aot.packages/v1');
  const envelope = { ...members, kind: 'aot.archives/v1' } as const;
  const files = members.base !== undefined;
  const all = await needs(members.packages, { cachedir, have: args.have, rehash: args['verify-cache'], files });
  const { treefile } = members;
  const items = obtain(
    all,
    { cachedir, jobs, offline: args.offline, treefile, sourceRoot: args['source-root'], system: args.system },
    context,
  );
  return span('phase', 'download', () =>
    args.stream ? writeAsTheyCome(envelope, items, context) : collect(envelope, items),
  );
}

function checkArgs(args: FetchArgs): number {
  const jobs = Number(args.jobs);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64)
    throw new AotError('usage', `option '--jobs' cannot be '${args.jobs}'`, { hint: 'give a number from 1 to 64' });
  if (args.stream && args.output !== undefined)
    throw new AotError('usage', "options '--stream' and '--output' exclude each other", {
      hint: 'a stream is for the next stage; a file is written whole, without --stream',
    });
  return jobs;
}

type Envelope = Omit<ArchivesManifest, 'archives'>;

async function collect(envelope: Envelope, items: AsyncIterable<ArchiveItem>): Promise<ArchivesManifest> {
  const archives: ArchiveItem[] = [];
  for await (const item of items) archives.push(item);
  return { ...envelope, archives } as ArchivesManifest;
}

async function writeAsTheyCome(
  envelope: Envelope,
  items: AsyncIterable<ArchiveItem>,
  { write }: Context,
): Promise<undefined> {
  const writer = new StreamWriter(envelope, write);
  for await (const item of items) writer.item(item);
  writer.end();
}
