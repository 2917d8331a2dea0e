import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMON_OPTIONS, PORCELAIN_OPTIONS, renderHelp, spelling } from '@apt-ostree/cli';
import { isPorcelain, pageFile, walk } from '@apt-ostree/docgen';
import { expect, test } from 'vitest';
import { generated, TOOLS } from '../lib/generated.ts';

const top = join(import.meta.dirname, '../..');
const files = generated(top);
const commands = TOOLS.flatMap((tool) => walk(tool));

/** Files below a directory, by path below the top of the repository. */
const below = (directory: string): string[] =>
  readdirSync(join(top, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(top.length + 1));

test("what is generated is what is committed: run 'pnpm docs'", () => {
  const data = 'tools/aot-commit/src/data/shim.json';
  const committed = [...below('man'), ...below('completions'), ...below('libs/manifest/schema'), data];
  expect(committed.sort()).toEqual([...files.keys()].sort());
  for (const [path, text] of files) expect(readFileSync(join(top, path), 'utf8'), path).toBe(text);
});

/** A page as it is read: plain text on very long lines, so that nothing is broken or hyphenated. */
function rendered(path: string): string {
  const roff = `.nh\n.ll 2000n\n${files.get(path)}`;
  const args = ['-man', '-Tutf8', '-ww', '-P-c', '-P-b', '-P-u', '-rLL=2000n', '-rHY=0'];
  const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe'];
  return execFileSync('groff', args, { input: roff, encoding: 'utf8', stdio });
}

test('every option that --help shows is in the page with its description, and nothing else is', () => {
  for (const { path, definition } of commands) {
    const common = isPorcelain({ name: path[0] as string, summary: '' }) ? PORCELAIN_OPTIONS : COMMON_OPTIONS;
    const help = renderHelp(definition, path, common);
    const shown = [...help.matchAll(/^ {2}(-.*?)(?: {2}|$)/gm)].map((m) => m[1]);
    const page = files.get(pageFile({ path, definition })) as string;
    const documented = [...page.matchAll(/^\.TP\n\\fB(.*)\\fR$/gm)]
      .map((m) => (m[1] as string).replaceAll('\\-', '-').replaceAll('\\(aq', "'"))
      .filter((term) => term.startsWith('-'));
    expect(documented.sort(), path.join(' ')).toEqual(shown.sort());
  }
});

test('what is hidden or refused is shown, and marked so', () => {
  for (const { path, definition } of commands) {
    const help = renderHelp(definition, path, {});
    for (const [name, option] of Object.entries(definition.args ?? {})) {
      if (option.type === 'positional') continue;
      const title = option.refused !== undefined ? 'Refused options' : option.hidden ? 'Hidden options' : 'Options';
      const section = help.slice(help.indexOf(`\n${title}:`)).split('\n\n')[0];
      expect(section, path.join(' ')).toContain(`  ${spelling(name, option)}`);
    }
  }
});

test('every page renders without a warning', () => {
  const all = [...files].filter(([path]) => path.startsWith('man/'));
  const input = all.map(([, text]) => text).join('');
  const result = execFileSync('sh', ['-c', 'groff -man -Tutf8 -ww 2>&1 >/dev/null'], { input, encoding: 'utf8' });
  expect(result).toBe('');
  expect(rendered('man/aot-fetch.1')).toContain('aot-fetch - download and verify the packages of a manifest');
});

test('every page that is referred to and ours is there', () => {
  const ours = /^(apt-ostree|aot|treefile)/;
  for (const [path, text] of files) {
    for (const [, name, section] of text.matchAll(/\\fB([\w.\\-]+)\\fR\((\d)\)/g)) {
      const page = `${(name as string).replaceAll('\\', '')}`;
      if (!ours.test(page)) continue;
      expect(files.has(`man/${page}.${section}`), `${path} refers to ${page}(${section})`).toBe(true);
    }
  }
});

test('completions are valid in their shells', () => {
  for (const path of files.keys()) {
    const shell = /^completions\/(bash|zsh|fish)\//.exec(path)?.[1];
    if (shell) execFileSync(shell, ['-n', join(top, path)]);
  }
});

/** What bash offers at the end of a line. */
function bashOffers(...words: string[]): string[] {
  const script =
    'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _apt_ostree; printf "%s\\n" "${COMPREPLY[@]}"';
  const args = ['-c', script, 'bash', join(top, 'completions/bash/apt-ostree'), ...words];
  return execFileSync('bash', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trim()
    .split('\n');
}

test('bash offers commands, options and values', () => {
  expect(bashOffers('apt-ostree', 'compose', 'tr')).toEqual(['tree']);
  expect(bashOffers('apt-ostree', 'compose', 'tree', '--print')).toEqual(['--print-only']);
  expect(bashOffers('apt-ostree', 'db', 'diff', '--format', 'b')).toEqual(['block']);
});
