import { createHash, type Hash } from 'node:crypto';
import { AotError } from '@apt-ostree/errors';
import { parseManifest } from './parse.ts';
import type { ArchiveItem, ArchivesManifest } from './schemas/archives.ts';

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
      const head = line.startsWith('{"kind":"aot.archives/v1","stream":true') ? line : undefined;
      if (head === undefined) {
        rest += `${line}\n`; // the one-document form: collect it whole
        continue;
      }
      const { stream: _stream, ...members } = JSON.parse(head) as Record<string, unknown>;
      envelope = parseManifest(JSON.stringify({ ...members, archives: [] }), ['aot.archives/v1'], from);
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
    const item = value as unknown as ArchiveItem;
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

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    throw broken('a line is not JSON');
  }
}

const broken = (why: string): AotError =>
  new AotError('data', `cannot read a manifest from standard input: ${why}`, {
    code: 'cut-manifest',
    hint: 'the stage before failed; look at its messages',
  });
