import { existsSync } from 'node:fs';

/** Where a host has its credentials for registries: for this boot, the administrator's, the image builder's. */
const PLACES = ['/run/ostree/auth.json', '/etc/ostree/auth.json', '/usr/lib/ostree/auth.json'];

export const authfileOf = (): string | undefined => PLACES.find((path) => existsSync(path));
