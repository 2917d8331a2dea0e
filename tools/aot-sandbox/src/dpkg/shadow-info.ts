import { copyFileSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Bind, CONTROL, STUB, trueDirectory } from '@apt-ostree/bwrap';
import { AotError } from '@apt-ostree/errors';

const INFO = '/var/lib/dpkg/info';
const SCRIPT = /\.(?:preinst|postinst|prerm|postrm)$/;

/**
 * A directory that stands for dpkg's info/ while packages are configured: maintainer scripts are links to the stub, all
 * else are links to the true files, which the sandbox has below its control directory. dpkg writes nothing there while it
 * configures.
 */
export class ShadowInfo {
  readonly #true: string;
  readonly #shadow: string;
  readonly #names: readonly string[];

  constructor(merged: string, control: string) {
    if (!trueDirectory(merged, INFO))
      throw new AotError('failed', `cannot configure the packages: '${INFO}' is a link`);
    this.#true = join(merged, INFO);
    this.#shadow = join(control, 'shadow');
    this.#names = readdirSync(this.#true);
    mkdirSync(this.#shadow);
    for (const name of this.#names)
      symlinkSync(SCRIPT.test(name) ? STUB : `${CONTROL}/info/${name}`, join(this.#shadow, name));
  }

  get binds(): Bind[] {
    return [
      { source: this.#true, target: `${CONTROL}/info`, writable: true },
      { source: this.#shadow, target: INFO, writable: true },
    ];
  }

  /** What a script made or removed there after all is done to the true directory; then this one is gone. */
  writeBack(): void {
    for (const name of readdirSync(this.#shadow)) {
      const file = join(this.#shadow, name);
      if (lstatSync(file).isFile()) copyFileSync(file, join(this.#true, name));
    }
    for (const name of this.#names)
      if (!lstatSync(join(this.#shadow, name), { throwIfNoEntry: false })) rmSync(join(this.#true, name));
    rmSync(this.#shadow, { recursive: true });
  }
}
