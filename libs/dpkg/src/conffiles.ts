export interface Conffile {
  /** Absolute. */
  path: string;
  /** The package wants it gone on upgrade, and does not ship it. */
  removeOnUpgrade: boolean;
}

/**
 * Reads the control member `conffiles`: one absolute path a line, perhaps with the flag `remove-on-upgrade` before it
 * (deb-conffiles(5)). What dpkg ignores (empty lines) is ignored.
 * @throws Error for a path that is not absolute or a flag that dpkg does not know
 */
export function parseConffiles(text: string): Conffile[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .map(parseLine);
}

function parseLine(line: string): Conffile {
  const [, flag, path] = /^(?:(\S+)\s+)?(\/.*)$/.exec(line) ?? [];
  if (path === undefined) throw new Error(`conffile '${line}' is not absolute`);
  if (flag !== undefined && flag !== 'remove-on-upgrade')
    throw new Error(`conffile '${path}' has the unknown flag '${flag}'`);
  return { path, removeOnUpgrade: flag !== undefined };
}
