import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from './serve-file.ts';

/** What goes wrong with a path; several at once where that makes sense. */
export interface Fault {
  /** Answers with this status, for the first `times` requests (always unless said). */
  status?: number;
  times?: number;
  /** Sends no faster. */
  bytesPerSecond?: number;
  /** Cuts the connection after so many bytes of the body, for the first `times` requests (once unless said). */
  dropAfter?: number;
  /** `user:password`; anybody else gets 401. */
  auth?: string;
  /** Redirects there. */
  redirect?: string;
  /** Says a Content-Length that is so many bytes off. */
  lengthOff?: number;
  /** Sends everything whatever range was asked for. */
  noRange?: boolean;
  /** Sends this instead of the file. */
  body?: string | Uint8Array;
  /** Accepts the request and never answers. */
  hang?: boolean;
}

export interface LoggedRequest {
  method: string;
  /** The path, decoded; of a request to a proxy too. */
  path: string;
  /** The request's own target: a whole URL where the server is used as a proxy. */
  target: string;
  range: string | undefined;
  headers: IncomingMessage['headers'];
  status: number;
  /** Bytes of the body that were sent. */
  bytes: number;
}

export interface Served {
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  url: string;
  /** Requests in the order of their arrival. */
  log: LoggedRequest[];
  /** By path with its leading slash, or `*` for all others; may be changed while it runs. */
  faults: Record<string, Fault>;
  close(): Promise<void>;
}

/**
 * Serves a directory over HTTP on this machine, with faults. It can be used as a proxy too: whatever host is asked for, the
 * directory answers. Ranges and If-Modified-Since are understood.
 */
export async function serve(directory: string, faults: Record<string, Fault> = {}): Promise<Served> {
  const log: LoggedRequest[] = [];
  const uses = new Map<Fault, number>();
  const server = createServer((request, response) => {
    const entry = logged(request);
    log.push(entry);
    const fault = faults[entry.path] ?? faults['*'] ?? {};
    const use = (uses.get(fault) ?? 0) + 1;
    uses.set(fault, use);
    count(response, entry);
    answer(directory, request, response, entry.path, fault, use).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log, faults, close };
}

function logged(request: IncomingMessage): LoggedRequest {
  const target = request.url ?? '/';
  const path = decodeURIComponent(new URL(target, 'http://localhost').pathname);
  const { method = 'GET', headers } = request;
  return { method, path, target, range: headers.range, headers, status: 0, bytes: 0 };
}

/** Status and bytes are known once they are sent. */
function count(response: ServerResponse, entry: LoggedRequest): void {
  const write = response.write.bind(response) as (chunk: Uint8Array) => boolean;
  response.write = ((chunk: Uint8Array) => {
    entry.status = response.statusCode;
    entry.bytes += chunk.length;
    return write(chunk);
  }) as typeof response.write;
  response.once('close', () => {
    entry.status = response.statusCode;
  });
}
