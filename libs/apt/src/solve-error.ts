import { AotError } from '@apt-ostree/errors';
import type { RunResult } from '@apt-ostree/run';
import type { SolveRequest } from './solve.ts';

/** Why apt found no solution: every blocker, in its words, with what the treefile itself forbids marked. */
export function solveError(request: SolveRequest, result: RunResult): AotError {
  const blockers = unmet(result.stdout).map((line) => mark(line, request));
  const told = errors(result.stderr);
  for (const line of told) if (line.startsWith('Repository is broken: ')) return brokenIndex(line);
  const full = told.find((line) => line.startsWith("You don't have enough free space in "));
  if (full !== undefined) return noRoom(request.tmp);
  const unavailable = told.filter((l) => /^(Unable to locate|Version|Release|Package) /.test(l));
  const reasons = blockers.length > 0 ? blockers : unavailable.length > 0 ? unavailable : told;
  return new AotError('failed', `cannot find a set of packages that fits: ${reasons.join('; ') || 'apt-get failed'}`, {
    code: 'no-solution',
    hint: 'leave out one of the packages that are in the way, or choose another version',
  });
}

/** apt looks whether the archives would fit before it asks for them. */
const noRoom = (directory: string): AotError =>
  new AotError('io', `cannot download packages to '${directory}': no space left on device for all of them`, {
    hint: 'free some space and run the command again, or give another --cachedir',
    code: 'cache-full',
  });

/** apt's words end in "NAME ARCHITECTURE VERSION has no Size information"; before that stands a URI, which is nobody's to see. */
function brokenIndex(line: string): AotError {
  const [, name, version, field] = / (\S+) \S+ (\S+) has no (\S+) information$/.exec(line) ?? [];
  const what = name === undefined ? 'it is broken' : `'${name}' ${version} has no ${field} in it`;
  return new AotError('data', `cannot use the index of an archive: ${what}`, {
    code: 'broken-index',
    hint: 'tell the maintainers of the archive, or leave the package out',
  });
}

/** What follows `E: `, with the indented lines after it: apt 3's solver explains itself there. */
function errors(stderr: string): string[] {
  return [...stderr.matchAll(/^E: (.*(?:\n[ \t].*)*)/gm)].map(([, text = '']) => text.replace(/\s*\n\s*/g, ' '));
}

/**
 * The paragraph "The following packages have unmet dependencies", one line a blocker; alternatives stand on lines of their
 * own there. What is merely recommended blocks nothing.
 */
function unmet(stdout: string): string[] {
  const paragraph = /^The following packages have unmet dependencies.*\n((?: .*\n?)+)/m.exec(stdout)?.[1] ?? '';
  const relations = paragraph
    .replace(/ or\n\s+/g, ' or ')
    .split('\n')
    .filter(Boolean);
  let name = '';
  return relations.flatMap((line) => {
    const [, head, kind = '', rest = ''] = /^ (?:(\S+) : |\s+)([A-Za-z-]+): (.*)$/.exec(line) ?? [];
    name = head ?? name;
    const verb = VERB[kind];
    return verb === undefined ? [] : [`'${name}' ${verb} ${rest.trim()}`];
  });
}

/** apt's names of relations, in words. */
const VERB: Record<string, string> = {
  PreDepends: 'pre-depends on',
  Depends: 'depends on',
  Conflicts: 'conflicts with',
  Breaks: 'breaks',
};

function mark(line: string, { pins }: SolveRequest): string {
  const forbidden = pins.find((p) => p.priority < 0 && new RegExp(`(on|with) ${quoted(p.package)}( |$|:)`).test(line));
  return forbidden ? `${line} (the treefile excludes '${forbidden.package}')` : line;
}

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
