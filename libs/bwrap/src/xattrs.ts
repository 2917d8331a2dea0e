import { run } from '@apt-ostree/run';

/** What overlayfs, and others, wrote into extended attributes of an upper directory; paths are absolute. */
export interface OverlayMarks {
  /** Directories that hide what is below them in the lower tree. */
  opaque: Set<string>;
  /** Files by the overlay attribute that they carry. */
  byName: Map<string, string[]>;
  /** Attributes that are not overlayfs's, as name=0xhex by path: a merged directory hands them on. */
  others: Map<string, string[]>;
}

const MARK = /^(?:trusted|user)\.overlay\./;

/** Reads all extended attributes below `upper` with one call of getfattr(1): Node has none. */
export async function readMarks(upper: string): Promise<OverlayMarks> {
  const args = ['--recursive', '--physical', '--no-dereference', '--absolute-names', '--dump', '--encoding=hex'];
  const { stdout } = await run('getfattr', [...args, '--match=-', '--', upper]);
  const marks: OverlayMarks = { opaque: new Set(), byName: new Map(), others: new Map() };
  for (const block of stdout.split('\n\n')) if (block !== '') readBlock(block, marks);
  return marks;
}

function readBlock(block: string, marks: OverlayMarks): void {
  const [head, ...lines] = block.trim().split('\n');
  const path = unquote((head as string).slice('# file: '.length));
  for (const line of lines) {
    const name = line.slice(0, line.indexOf('='));
    if (!MARK.test(name)) push(marks.others, path, line);
    else push(marks.byName, name, path);
    if (name.endsWith('.overlay.opaque')) marks.opaque.add(path);
  }
}

/** getfattr writes backslash and line breaks as octal escapes. */
const unquote = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_match, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

const push = (map: Map<string, string[]>, key: string, value: string): void => {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
};

/** Arguments of one call stay well below the kernel's limit (execve(2): a quarter of the stack, 2 MiB as a rule). */
const CHUNK = 2000;

/** Removes overlayfs's own attributes, so that none is ever committed. */
export async function stripMarks(marks: OverlayMarks): Promise<void> {
  for (const [name, paths] of marks.byName)
    for (let at = 0; at < paths.length; at += CHUNK)
      await run('setfattr', ['--no-dereference', '--remove', name, '--', ...paths.slice(at, at + CHUNK)]);
}

/** Gives merged directories the attributes (ACLs as a rule) that their upper half has. */
export async function copyXattrs(marks: OverlayMarks, upper: string, lower: string): Promise<void> {
  const blocks = [...marks.others].map(
    ([path, lines]) => `# file: ${quote(lower + path.slice(upper.length))}\n${lines.join('\n')}\n`,
  );
  if (blocks.length === 0) return;
  await run('setfattr', ['--no-dereference', '--restore=-'], { input: `${blocks.join('\n')}\n` });
}

const quote = (path: string): string =>
  path.replace(/[\\\n\r]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
