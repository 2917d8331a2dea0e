import type { TarHeader } from '../tar/header.ts';
import type { TarHandler } from '../tar/parser.ts';

export interface ControlMember {
  mode: number;
  data: Buffer;
}

/** Largest member of a control archive: templates and lists of checksums stay far below. */
const MAX_MEMBER = 32 * 2 ** 20;

/** Collects the members of control.tar: plain files without directories, each there once. */
export class ControlArchive implements TarHandler {
  readonly members = new Map<string, ControlMember>();
  #name: string | undefined;
  #mode = 0;
  #chunks: Buffer[] = [];

  entry(header: TarHeader): void {
    const name = header.path.replace(/^\.\/+/, '');
    this.#name = undefined;
    this.#chunks = [];
    if (header.type === 'directory' && /^\.?\/?$/.test(name)) return;
    this.#check(name, header);
    this.#name = name;
    this.#mode = header.mode;
  }

  data(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  done(): void {
    if (this.#name !== undefined) this.members.set(this.#name, { mode: this.#mode, data: Buffer.concat(this.#chunks) });
  }

  text(name: string): string | undefined {
    return this.members.get(name)?.data.toString('utf8');
  }

  #check(name: string, header: TarHeader): void {
    if (header.type !== 'file') throw new Error(`its control member '${name}' is a ${header.type}`);
    // the names become endings of file names below info/; dpkg writes `list` itself
    if (!/^[A-Za-z0-9][A-Za-z0-9_+-]{0,48}$/.test(name) || name === 'list')
      throw new Error(`its control archive has the impossible member '${name}'`);
    if (this.members.has(name)) throw new Error(`its control member '${name}' is there twice`);
    if (header.size > MAX_MEMBER) throw new Error(`its control member '${name}' is too large`);
  }
}
