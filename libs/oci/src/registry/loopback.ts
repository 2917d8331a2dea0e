/** Whether a host, with or without a port, is this machine: a registry there may do without TLS. */
export const isLoopback = (host: string): boolean => /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host);
