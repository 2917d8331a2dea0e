import { execFileSync } from 'node:child_process';
import { type CommandDefinition, defineTool, PORCELAIN_OPTIONS } from '@apt-ostree/cli';
import { expect, test } from 'vitest';
import { bashCompletion } from '../src/bash.ts';
import { commandPage } from '../src/command-page.ts';
import { fishCompletion } from '../src/fish.ts';
import { manifestPage } from '../src/manifest-page.ts';
import { text } from '../src/roff.ts';
import { zshCompletion } from '../src/zsh.ts';

const tool: CommandDefinition = defineTool({
  name: 'front',
  summary: "the front's end",
  subCommands: [
    defineTool({
      name: 'go',
      aliases: ['run'],
      summary: 'go: [there]',
      description: 'First.\n\n.Second begins with a dot; a \\backslash.',
      args: {
        file: { type: 'positional', valueHint: 'FILE', description: 'what' },
        colour: { type: 'enum', options: ['red', 'blue'], alias: 'c', description: "the colour's name" },
        old: { type: 'boolean', hidden: true, description: 'old' },
        bad: { type: 'boolean', refused: 'it is bad', description: 'bad' },
      },
      examples: [{ command: "front go 'a b' \\\n  --colour red", text: 'Go.' }],
      seeAlso: ['other(1)'],
    }),
  ],
});
const go = { path: ['front', 'go'], definition: tool.subCommands?.[0] as CommandDefinition };

/** As man(1) shows it, without colours. */
const rendered = (page: string): string =>
  execFileSync('groff', ['-man', '-Tascii', '-ww', '-P-cbou'], { input: page, encoding: 'utf8' });

test('text is text: requests, quotes, dashes and backslashes come out as they went in', () => {
  const line = ".TH 'x' \\fB --long ~ ^ ` \\(aq";
  expect(rendered(`.TH X 1\n.SH NAME\n${text(line)}\n`)).toContain(line);
});

test('a page has its sections in order, hidden and refused options in their own', () => {
  const page = rendered(commandPage(go, { version: '1.2', common: PORCELAIN_OPTIONS, porcelain: true }));
  const titles = [...page.matchAll(/^([A-Z][A-Z ]+)$/gm)].map((m) => m[1]);
  const own = ['ARGUMENTS', 'OPTIONS', 'COMMON OPTIONS', 'HIDDEN OPTIONS', 'REFUSED OPTIONS'];
  expect(titles).toEqual([
    'NAME',
    'SYNOPSIS',
    'DESCRIPTION',
    ...own,
    'EXIT STATUS',
    'ENVIRONMENT',
    'EXAMPLES',
    'SEE ALSO',
  ]);
  expect(page).toContain('.Second begins with a dot; a \\backslash.');
  expect(page).toContain("front go 'a b' \\\n             --colour red");
  expect(page).toContain('Refused: it is bad.');
  expect(page).toContain('One of red, blue.');
});

test('the page of a manifest lists members of members with their types', () => {
  const page = rendered(manifestPage('aot.packages/v1', '1.2'));
  expect(page).toMatch(/packages \(list of object\)/);
  expect(page).toMatch(/sha256 \(string\)\n +SHA-256 of the \.deb\./);
});

const offers = (shell: string, script: string): string[] =>
  execFileSync(shell, ['-c', script], { encoding: 'utf8' }).trim().split('\n');

test('bash follows an alias to the command and offers its values', () => {
  const ask = 'COMP_WORDS=(front run --colour b); COMP_CWORD=3; _front; printf "%s\\n" "${COMPREPLY[@]}"';
  expect(offers('bash', `${bashCompletion(tool, {})}\n${ask}`)).toEqual(['blue']);
});

test('fish offers commands, then options', () => {
  const script = fishCompletion(tool, {});
  expect(offers('fish', `${script}\ncomplete -C 'front '`)).toEqual(['go\tgo: [there]']);
  expect(offers('fish', `${script}\ncomplete -C 'front go --c'`)).toEqual(["--colour\tthe colour's name"]);
});

test('zsh takes the functions, with what is special in a description escaped', () => {
  const script = zshCompletion(tool, {});
  expect(script).toContain(`'--colour=[the colour'\\''s name]:colour:(red blue)'`);
  expect(offers('zsh', `_arguments() { :; }\n${script}\nwhence -w _front_go`)).toEqual(['_front_go: function']);
});
