import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';

/** A file with the login of one host. */
export function login(host: string, text: string): { authfile: string } {
  const authfile = join(temporary(), 'auth.json');
  const auth = Buffer.from(text).toString('base64');
  writeFileSync(authfile, JSON.stringify({ auths: { [host]: { auth } } }));
  return { authfile };
}
