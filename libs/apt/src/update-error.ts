import { AotError, type ExitName } from '@apt-ostree/errors';
import { cacheFull } from './cache-full.ts';
import type { AptRoot } from './private-root.ts';

interface Rule {
  pattern: RegExp;
  exit: ExitName;
  code: string;
  text: string;
  hint: string;
}

/** What apt says (LC_ALL=C), most telling first: a missing key is also "not signed". */
const RULES: readonly Rule[] = [
  {
    pattern: /No space left on device|Disk quota exceeded|Read-only file system/i,
    exit: 'io',
    code: 'cache-full',
    text: 'it cannot be written to the cache',
    hint: 'free some space and run the command again, or give another --cachedir',
  },
  {
    pattern:
      /NO_PUBKEY|EXPKEYSIG|REVKEYSIG|KEYEXPIRED|BADSIG|signatures couldn't be verified|signatures were invalid|Missing key|Bad signature|following signatures/i,
    exit: 'data',
    code: 'untrusted-index',
    text: 'its signature is not by a key that the source trusts',
    hint: "check the source's 'Signed-By'",
  },
  {
    pattern: /is expired|Valid-Until|is not valid yet/i,
    exit: 'data',
    code: 'expired-index',
    text: 'its Release file is out of date',
    hint: "wait for the archive's next update, or allow old indices with 'Check-Valid-Until: no' in the source",
  },
  {
    pattern:
      /Hash Sum mismatch|unexpected size|Mirror sync|NOSPLIT|NODATA|Clearsigned file|Unable to parse|Weak|does not contain|Splitting up|Unable to find expected entry|Undetermined Error|uncompress|sub-process|LZMA|read error/i,
    exit: 'data',
    code: 'broken-index',
    text: 'an index is cut short or not what its Release file says',
    hint: 'the mirror may be in the middle of an update: try again in a few minutes',
  },
  {
    pattern:
      /Could not resolve|Could not connect|Temporary failure|Connection (failed|refused|timed out)|Cannot initiate the connection|Network is unreachable|Unable to connect|timed out|Could not wait|Failed to connect|Certificate|[45]\d\d {2}|Could not open file|File not found|Failed to stat|No such file/i,
    exit: 'unavailable',
    code: 'archive-unavailable',
    text: 'it cannot be reached',
    hint: "check the network and the source's URIs and Suites, or use --cache-only",
  },
  {
    pattern: /is not signed|does not have a Release file/i,
    exit: 'data',
    code: 'unsigned-index',
    text: 'it is not signed',
    hint: 'only signed archives are used',
  },
];

/** What a failed `apt-get update` means: every source with its reason; the exit of the gravest. */
export function updateError(root: AptRoot, lines: readonly string[]): AotError {
  const failures = new Map<string, { rule: Rule | undefined; line: string }>();
  const messages = lines.filter(
    (l) => /^([EW]: |Err:| {2})/.test(l) && !/index files failed to download|ignored, or old/.test(l),
  );
  for (const rule of RULES) {
    for (const [at, line] of messages.entries()) {
      if (!rule.pattern.test(line)) continue;
      const source = sourceOf(root, line) ?? sourceOf(root, messages[at - 1] ?? '') ?? 'an archive';
      if (!failures.has(source)) failures.set(source, { rule, line });
    }
  }
  if (failures.size > 1) failures.delete('an archive');
  if (failures.size === 0) return unknown(lines);
  return summary(root, failures);
}

function summary(root: AptRoot, failures: ReadonlyMap<string, { rule: Rule | undefined; line: string }>): AotError {
  const all = [...failures].sort(([a], [b]) => (a < b ? -1 : 1));
  const gravest =
    (['io', 'data'] as const).map((exit) => all.find(([, f]) => f.rule?.exit === exit)).find(Boolean) ?? all[0];
  if (gravest?.[1].rule?.code === 'cache-full') return cacheFull(root);
  const texts = all.map(([source, { rule, line }]) => `'${source}': ${rule?.text} (${withoutHosts(line)})`);
  return new AotError(gravest?.[1].rule?.exit ?? 'unavailable', `cannot use the index of ${texts.join('; ')}`, {
    hint: gravest?.[1].rule?.hint,
    code: gravest?.[1].rule?.code,
  });
}

/** The id and suite of the source that a line of apt's is about: the one whose URI is the longest that it names. */
function sourceOf(root: AptRoot, line: string): string | undefined {
  const hits = root.sources.flatMap((s) =>
    s.uris
      .filter((uri) => line.includes(plain(uri)))
      .map((uri) => ({ name: `${s.id} ${s.suite}`, suite: s.suite, uri })),
  );
  const longest = Math.max(0, ...hits.map((h) => h.uri.length));
  const best = hits.filter((h) => h.uri.length === longest);
  const exact = best.filter((h) => new RegExp(`[ /]${quoted(h.suite)}[ /]`).test(`${line} `));
  return (exact[0] ?? best[0])?.name;
}

/** apt does not repeat passwords in its messages. */
const plain = (uri: string): string => uri.replace(/\/\/[^/@]*@/, '//').replace(/\/$/, '');

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const withoutHosts = (line: string): string => line.replace(/^([EW]: |Err:\d+ )/, '').trim();

function unknown(lines: readonly string[]): AotError {
  const told = lines.filter((l) => /^[EW]: /.test(l)).map((l) => l.slice(3));
  return new AotError(
    'unavailable',
    `cannot update the package indices: ${told.join('; ') || 'apt-get update failed'}`,
    {
      code: 'index-failed',
    },
  );
}
