import { accounts, byBytes, type Tree } from '@apt-ostree/ostree';

/** Types of tmpfiles.d(5) lines that bring a path into being. */
const CREATING = new Set(['d', 'D', 'v', 'q', 'Q', 'L', 'f', 'F', 'w', 'C', 'p', 'c', 'b']);

/** What tmpfiles lines of the tree make, as absolute paths; those with specifiers are left out. */
export function declaredPaths(tree: Tree): Set<string> {
  const declared = new Set<string>();
  for (const directory of ['usr/lib/tmpfiles.d', 'etc/tmpfiles.d', 'usr/etc/tmpfiles.d']) {
    for (const name of tree.list(directory)) {
      if (name.endsWith('.conf'))
        for (const path of created(tree.readText(`${directory}/${name}`) ?? '')) declared.add(path);
    }
  }
  return declared;
}

function* created(text: string): Generator<string> {
  for (const line of text.split('\n')) {
    const [type, path] = line.trim().split(/\s+/);
    if (type === undefined || path === undefined || type.startsWith('#') || path.includes('%')) continue;
    if (CREATING.has(type[0] as string)) yield canonical(path);
  }
}

/** One spelling for a path: /var/run is /run, no slash at the end. */
const canonical = (path: string): string => path.replace(/\/+$/, '').replace(/^\/var\/run(?=\/|$)/, '/run');

/** Collects lines of our own; a path that another line makes already gets none. */
export class Tmpfiles {
  readonly #declared: Set<string>;
  readonly #lines = new Map<string, string>();
  readonly #forced = new Set<string>();
  readonly #users: Map<number, string>;
  readonly #groups: Map<number, string>;

  constructor(tree: Tree) {
    const { users, groups } = accounts(tree);
    this.#declared = declaredPaths(tree);
    this.#users = new Map(users.map((u) => [u.uid, u.name] as const).reverse());
    this.#groups = new Map(groups.map((g) => [g.gid, g.name] as const).reverse());
  }

  /** Whether the path is a link that is made whatever is there. */
  isForced(path: string): boolean {
    return this.#forced.has(path);
  }

  /** Whether a line, of a package or of ours, makes the path. */
  declares(path: string): boolean {
    return this.#declared.has(path) || this.#lines.has(path);
  }

  directory(path: string, stat: { mode: number; uid: number; gid: number }): void {
    this.#add(path, `d ${quote(path)} ${octal(stat.mode)} ${this.#owner(stat)} -`);
  }

  /** A link that is made when nothing is there, or in place of what is there with `force`. */
  link(path: string, target: string, force = false): void {
    this.#add(path, `${force ? 'L+' : 'L'} ${quote(path)} - - - - ${escaped(target)}`, force);
  }

  /** A copy of the file at the same path below /usr/share/factory, made when nothing is there. */
  copy(path: string, stat: { mode: number; uid: number; gid: number }): void {
    this.#add(path, `C ${quote(path)} ${octal(stat.mode)} ${this.#owner(stat)} -`);
  }

  /** All lines, sorted by path, so that parents come first. */
  render(): string {
    return [...this.#lines.entries()]
      .sort(([a], [b]) => byBytes(a, b))
      .map(([, line]) => `${line}\n`)
      .join('');
  }

  #add(path: string, line: string, force = false): void {
    if (force) this.#forced.add(path);
    if (force || !this.#declared.has(canonical(path))) this.#lines.set(path, line);
  }

  #owner({ uid, gid }: { uid: number; gid: number }): string {
    return `${this.#users.get(uid) ?? uid} ${this.#groups.get(gid) ?? gid}`;
  }
}

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

/** systemd-tmpfiles reads % as the start of a specifier and \ as an escape. */
const escaped = (text: string): string => text.replaceAll('%', '%%').replaceAll('\\', '\\\\');

const quote = (path: string): string => (/[\s"'\\%]/.test(path) ? `"${escaped(path).replaceAll('"', '\\"')}"` : path);
