import { expect, test } from 'vitest';
import { unanswered, withoutTalk } from '../src/debconf-talk.ts';

const talk = (...lines: string[]) => lines.map((line) => `debconf (developer): ${line}\n`).join('');
const asks = (name: string) => talk(`<-- INPUT critical ${name}`, '--> 30 question skipped', '<-- GO ', '--> 0 ok');
const gets = (name: string, answer: string) => talk(`<-- GET ${name}`, `--> 0 ${answer}`);

test('a question without an answer is one whose answer is empty, or that nobody got any more', () => {
  expect(unanswered(asks('p/a') + gets('p/a', ''))).toEqual(['p/a']);
  expect(unanswered(asks('p/a') + asks('p/b') + gets('p/a', 'false'))).toEqual(['p/b']);
  expect(unanswered(asks('p/a') + gets('p/a', 'yes') + asks('p/a') + gets('p/a', ''))).toEqual(['p/a']);
  expect(unanswered(`${talk('starting /x')}Really?\n`)).toEqual([]);
  expect(unanswered(talk('<-- INPUT high p/a', '--> 10 "p/a" doesn\'t exist'))).toEqual([]);
});

test('what is only looked up is no question', () => {
  expect(unanswered(gets('p/a', ''))).toEqual([]);
});

test("debconf's talk does not show, and no other line goes with it", () => {
  expect(withoutTalk(`one\n${gets('p/a', 'secret')}debconf: two\n${talk('--> 0 x')}`)).toBe('one\ndebconf: two\n');
});
