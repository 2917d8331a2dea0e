import { createHash, type Hash } from 'node:crypto';
import { AotError } from '@apt-ostree/errors';
import * as z from 'zod/mini';
import { parseManifest } from './parse.ts';
import { ArchiveItem, type ArchivesManifest } from './schemas/archives.ts';

/**
 * aot.archives/v1 as JSON lines, where overlap pays (`--stream`): the envelope without `archives` but with
 * `"stream": true`, one item a line, and a trailer `{"end":true,"count":N,"sha256":...}` over the item lines.
 */
export class StreamWriter {
  readonly #hash: Hash = createHash('sha256');
  readonly #write: (line: string) => void;
  #count = 0;

  constructor(envelope: Omit<ArchivesManifest, 'archives'>, write: (line: string) => void) {
    this.#write = write;
    const { kind, ...rest } = envelope;
    write(`${JSON.stringify({ kind, stream: true, ...rest })}\n`);
  }

  item(item: ArchiveItem): void {
    const line = `${JSON.stringify(item)}\n`;
    this.#hash.update(line);
    this.#count++;
    this.#write(line);
  }

  end(): void {
    this.#write(`${JSON.stringify({ end: true, count: this.#count, sha256: this.#hash.digest('hex') })}\n`);
  }
}

/**
 * Reads either form of aot.archives/v1. `onEnvelope` is called once with everything but the archives, `onItem` for each as
 * soon as it is there.
 * @returns the whole manifest, once the trailer has vouched for it
 * @throws AotError `data` when the trailer is missing or does not fit: then nothing may be assembled
 */
export async function readStream(
  lines: AsyncIterable<string>,
  onEnvelope: (envelope: ArchivesManifest) => void,
  onItem: (item: ArchiveItem) => void,
): Promise<ArchivesManifest> {
  const from = 'standard input';
  const hash = createHash('sha256');
  const archives: ArchiveItem[] = [];
  let envelope: ArchivesManifest | undefined;
  let rest = '';
  let ended = false;
  for await (const line of lines) {
    if (envelope === undefined) {
      const head = rest === '' ? streamHead(line) : undefined;
      if (head === undefined) {
        rest += `${line}\n`; // the one-document form: collect it whole
        continue;
      }
      envelope = parseManifest(JSON.stringify({ ...head, archives: [] }), ['aot.archives/v1'], from);
      onEnvelope(envelope);
      continue;
    }
    const value = parseLine(line);
    if (value['end'] === true) {
      if (value['count'] !== archives.length || value['sha256'] !== hash.digest('hex'))
        throw broken('its trailer does not fit its items');
      ended = true;
      break;
    }
    hash.update(`${line}\n`);
    const item = checkItem(value, archives.length + 1);
    archives.push(item);
    onItem(item);
  }
  if (envelope === undefined) return whole(rest, onEnvelope, onItem);
  if (!ended) throw broken('it ended before its trailer');
  return { ...envelope, archives };
}

function whole(
  text: string,
  onEnvelope: (e: ArchivesManifest) => void,
  onItem: (i: ArchiveItem) => void,
): ArchivesManifest {
  const manifest = parseManifest(text, ['aot.archives/v1'], 'standard input');
  onEnvelope({ ...manifest, archives: [] });
  for (const item of manifest.archives) onItem(item);
  return manifest;
}

/** The envelope without its mark, where the line is one; any spacing will do, as jq and others write it. */
function streamHead(line: string): Record<string, unknown> | undefined {
  if (!/"stream"\s*:\s*true/.test(line)) return undefined;
  try {
    const { stream, ...members } = JSON.parse(line) as Record<string, unknown>;
    return stream === true ? members : undefined;
  } catch {
    return undefined;
  }
}

function checkItem(value: unknown, count: number): ArchiveItem {
  const result = z.safeParse(ArchiveItem, value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AotError(
    'data',
    `cannot use the manifest from standard input: item ${count} is not valid: ${issue?.path.join('.')}`,
    {
      code: 'invalid-manifest',
    },
  );
}

function parseLine(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw broken('a line is not a JSON object');
}

const broken = (why: string): AotError =>
  new AotError('data', `cannot read a manifest from standard input: ${why}`, {
    code: 'cut-manifest',
    hint: 'the stage before failed; look at its messages',
  });
