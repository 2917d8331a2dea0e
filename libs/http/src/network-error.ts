/** No answer came, or it broke off. */
export class HttpError extends Error {
  /** Whether it may go better the next time. */
  readonly passing: boolean;
  /** Milliseconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(text: string, passing: boolean, retryAfter?: number) {
    super(text);
    this.passing = passing;
    this.retryAfter = retryAfter;
  }
}

/** What the errors of Node and undici mean to the user. */
const TEXT: Record<string, string> = {
  EAI_AGAIN: "the host's name cannot be looked up for now",
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was broken off',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: "the host's name is not known",
  EPIPE: 'the connection was broken off',
  ETIMEDOUT: 'timed out',
  UND_ERR_BODY_TIMEOUT: 'timed out in the middle',
  UND_ERR_CONNECT_TIMEOUT: 'timed out on connecting',
  UND_ERR_HEADERS_TIMEOUT: 'timed out waiting for an answer',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the connection was closed early',
  UND_ERR_SOCKET: 'the connection was broken off',
};

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/;

/** Turns an error of the network into an HttpError, and hands every other one through. */
export function explainNetwork(error: unknown): unknown {
  const { code, message, cause } = error as { code?: unknown; message?: string; cause?: unknown };
  if (error instanceof HttpError || typeof code !== 'string') return error;
  if (code === 'UND_ERR_PRX_TLS') return explainNetwork(cause) ?? error;
  const proxy = /^Proxy response \((\d+)\)/.exec(message ?? '');
  if (proxy) return new HttpError(`the proxy answered ${proxy[1]}`, Number(proxy[1]) >= 500);
  if (CERTIFICATE.test(code)) return new HttpError(`its certificate cannot be verified (${code})`, false);
  const known = TEXT[code];
  if (known !== undefined) return new HttpError(known, code !== 'ENOTFOUND');
  return /^(?:UND_ERR_|HPE_|E[A-Z]+$)/.test(code) ? new HttpError(`the transfer failed (${code})`, true) : error;
}
