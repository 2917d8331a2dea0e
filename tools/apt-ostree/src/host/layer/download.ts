import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { HttpClient, HttpError } from '@apt-ostree/apt/http';
import { readConfiguration, readCredentials, redact } from '@apt-ostree/apt/transport';
import type { Context } from '@apt-ostree/cli';
import { AotError, explain } from '@apt-ostree/errors';

/** No package is larger, so no server fills the disk. */
const MOST_BYTES = 4 * 1024 ** 3;

/**
 * Downloads a package, with the proxies, logins and time-outs of apt's configuration. As `#sha256=HEX` a URL says which
 * file it means.
 */
export async function downloadTo(word: string, file: string, context: Context): Promise<void> {
  const url = parse(word);
  const configuration = await readConfiguration(context.signal);
  const http = new HttpClient(configuration, readCredentials(configuration), 1, context.warn);
  try {
    await receive(http, url, file, context);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof HttpError)) throw explain(error, `cannot write '${file}'`);
    throw failed(url, error.message, 'unavailable', 'look at the network and the proxy');
  } finally {
    await http.close();
  }
}

async function receive(http: HttpClient, url: URL, file: string, { signal, progress }: Context): Promise<void> {
  const { status, headers, body, discard } = await http.get(url, {}, signal);
  if (status !== 200) {
    discard();
    throw failed(url, `the server answered ${status}`, status === 404 || status === 410 ? 'noInput' : 'unavailable');
  }
  const size = Number(headers['content-length']);
  if (size > MOST_BYTES) {
    discard();
    throw tooLarge(url);
  }
  const phase = progress.phase('download', Number.isSafeInteger(size) ? size : null, 'bytes');
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    body,
    async function* bounded(source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) throw tooLarge(url);
        hash.update(chunk);
        phase.add(chunk.length);
        yield chunk;
      }
    },
    createWriteStream(file),
  );
  phase.end();
  const wanted = wantedHash(url);
  if (wanted !== undefined && hash.digest('hex') !== wanted)
    throw failed(url, 'its SHA-256 is another than the URL says', 'data');
}

function parse(word: string): URL {
  if (URL.canParse(word) && new URL(word).hostname !== '') return checked(new URL(word));
  throw new AotError('usage', `cannot use '${word}': it is no URL`);
}

function checked(url: URL): URL {
  if (url.hash === '' || wantedHash(url) !== undefined) return url;
  throw new AotError('usage', `cannot use '${redact(url.href)}': '${url.hash}' is not understood`, {
    hint: "a URL can end in '#sha256=' and 64 hexadecimal digits",
  });
}

const wantedHash = ({ hash }: URL): string | undefined => /^#sha256=([0-9a-f]{64})$/.exec(hash)?.[1];

const tooLarge = (url: URL): AotError => failed(url, `it is larger than ${MOST_BYTES} bytes`, 'data');

const failed = (url: URL, why: string, exit: 'unavailable' | 'noInput' | 'data', hint?: string): AotError =>
  new AotError(exit, `cannot download '${redact(url.href)}': ${why}`, { code: 'download-failed', hint });
