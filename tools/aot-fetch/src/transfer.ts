import { type Answer, HttpError } from '@apt-ostree/apt/http';
import { retryAfter } from '@apt-ostree/http';
import type { PackageItem } from '@apt-ostree/manifest';
import type { DownloadTools } from './download.ts';
import { TransferFailure } from './failure.ts';
import type { Part } from './part/part.ts';

/**
 * Asks a server for what a part still lacks and adds it. The size in the manifest is the bound: not a byte beyond it is
 * written.
 */
export async function transfer(
  url: URL,
  item: PackageItem,
  part: Part,
  tools: DownloadTools,
  fresh: boolean,
): Promise<void> {
  if (part.bytes === item.size) return;
  try {
    const answer = await tools.http.get(url, requestHeaders(part, fresh), tools.signal);
    checkStatus(answer, part, item, tools);
    checkLength(answer, part, item);
    await receive(answer, item, part, tools);
  } catch (error) {
    tools.signal.throwIfAborted();
    throw error instanceof HttpError ? new TransferFailure(error.passing ? 'broken' : 'lacking', error.message) : error;
  }
}

function requestHeaders(part: Part, fresh: boolean): Record<string, string> {
  return {
    ...(fresh ? { 'cache-control': 'no-cache', pragma: 'no-cache' } : {}),
    ...(part.bytes > 0 ? { range: `bytes=${part.bytes}-` } : {}),
    ...(part.bytes > 0 && part.validator ? { 'if-range': part.validator } : {}),
  };
}

function checkStatus(answer: Answer, part: Part, item: PackageItem, { phase }: DownloadTools): void {
  const { status } = answer;
  const startOver = () => {
    phase.add(-part.bytes);
    part.reset();
  };
  if (status === 200) {
    if (part.bytes > 0) startOver(); // it cannot continue, or has another file now
    part.validator = validatorOf(answer);
    return;
  }
  if (status === 206 && continues(answer, part, item)) return;
  answer.discard();
  if (status === 206 || status === 416) {
    startOver();
    throw new TransferFailure('broken', 'the server sent another range than was asked for', { status });
  }
  throw statusFailure(answer);
}

/** Only a strong validator says that the bytes are the same (RFC 9110, section 13.1.5). */
function validatorOf({ headers }: Answer): string | undefined {
  const etag = headers['etag'];
  return etag && !etag.startsWith('W/') ? etag : headers['last-modified'];
}

function continues({ headers }: Answer, part: Part, item: PackageItem): boolean {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
  return Number(start) === part.bytes && (total === '*' || Number(total) === item.size);
}

function checkLength(answer: Answer, part: Part, item: PackageItem): void {
  const length = answer.headers['content-length'];
  if (length === undefined || Number(length) === item.size - part.bytes) return;
  answer.discard();
  throw new TransferFailure('wrong', `size differs: ${part.bytes + Number(length)} bytes, not ${item.size}`);
}

async function receive(answer: Answer, item: PackageItem, part: Part, { phase, throttle, signal }: DownloadTools) {
  for await (const chunk of answer.body) {
    if (part.bytes + chunk.length > item.size)
      throw new TransferFailure('wrong', `size differs: more than ${item.size} bytes`);
    part.append(chunk);
    phase.add(chunk.length, item.name);
    await throttle.pass(chunk.length, signal);
  }
  if (part.bytes < item.size) throw new TransferFailure('broken', 'the connection was closed early');
}

function statusFailure({ status, headers }: Answer): TransferFailure {
  const passing = status === 408 || status === 429 || status >= 500;
  const answer = { status, retryAfter: retryAfter(headers['retry-after']) };
  return new TransferFailure(passing ? 'broken' : 'lacking', STATUS[status] ?? `the server answered ${status}`, answer);
}

const STATUS: Record<number, string> = {
  401: 'the server asks for a login (401)',
  403: 'the server refuses (403)',
  404: 'not found (404)',
  407: 'the proxy asks for a login (407)',
  410: 'gone (410)',
  429: 'too many requests (429)',
};
