import { readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './serve.ts';

/** Answers one request for a file of the directory; `use` counts the requests that this fault has met. */
export async function answer(
  directory: string,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  fault: Fault,
  use: number,
): Promise<void> {
  if (fault.hang) return;
  if (fault.auth !== undefined && !authorized(request, fault.auth)) return refuse(response);
  if (fault.redirect !== undefined) return end(response, 302, { Location: fault.redirect });
  if (fault.status !== undefined && use <= (fault.times ?? Number.POSITIVE_INFINITY))
    return end(response, fault.status);
  const file = find(join(directory, normalize(path)), fault.body);
  if (file === undefined) return end(response, 404);
  if (request.headers['if-modified-since'] === file.modified) return end(response, 304);
  const drop = fault.dropAfter !== undefined && use <= (fault.times ?? 1) ? fault.dropAfter : undefined;
  await send(request, response, file, fault, drop);
}

interface Found {
  bytes: Uint8Array;
  modified: string;
}

function find(path: string, body: string | Uint8Array | undefined): Found | undefined {
  if (body !== undefined) return { bytes: Buffer.from(body), modified: new Date(0).toUTCString() };
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? { bytes: readFileSync(path), modified: stat.mtime.toUTCString() } : undefined;
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, modified }: Found,
  fault: Fault,
  drop: number | undefined,
): Promise<void> {
  const range = fault.noRange ? undefined : parseRange(request, bytes.length, modified);
  if (range === 'unsatisfiable') return end(response, 416, { 'Content-Range': `bytes */${bytes.length}` });
  const [from, to] = range ?? [0, bytes.length];
  response.writeHead(range ? 206 : 200, {
    'Content-Length': to - from + (fault.lengthOff ?? 0),
    'Last-Modified': modified,
    ...(fault.noRange ? {} : { 'Accept-Ranges': 'bytes' }),
    ...(range ? { 'Content-Range': `bytes ${from}-${to - 1}/${bytes.length}` } : {}),
  });
  if (request.method !== 'HEAD') await body(response, bytes.subarray(from, Math.min(to, from + (drop ?? to))), fault);
  if (drop !== undefined || fault.lengthOff !== undefined) response.destroy();
  else response.end();
}

/** Half-open, or undefined where the whole is asked for. */
function parseRange(
  request: IncomingMessage,
  size: number,
  modified: string,
): [number, number] | 'unsatisfiable' | undefined {
  const found = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const condition = request.headers['if-range'];
  if (found === null || (condition !== undefined && condition !== modified)) return undefined;
  const from = Number(found[1]);
  if (from >= size) return 'unsatisfiable';
  return [from, found[2] ? Math.min(Number(found[2]) + 1, size) : size];
}

/** In pieces; resolves once they are handed to the system, so that a cut comes after them. */
async function body(response: ServerResponse, bytes: Uint8Array, { bytesPerSecond }: Fault): Promise<void> {
  const piece = bytesPerSecond === undefined ? 1 << 20 : Math.max(1, Math.ceil(bytesPerSecond / 20));
  for (let at = 0; at < bytes.length && !response.destroyed; at += piece) {
    const more = response.write(bytes.subarray(at, at + piece));
    if (bytesPerSecond !== undefined) await sleep(50);
    else if (!more) await drained(response);
  }
  await sleep(5);
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const go = () => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });

function authorized(request: IncomingMessage, wanted: string): boolean {
  return request.headers.authorization === `Basic ${Buffer.from(wanted).toString('base64')}`;
}

const refuse = (response: ServerResponse): void => end(response, 401, { 'WWW-Authenticate': 'Basic realm="test"' });

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Length': 0, ...headers });
  response.end();
}
