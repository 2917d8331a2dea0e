import { expect, test } from 'vitest';
import { beside } from '../src/host/change/beside.ts';

const failing = (text: string) => Promise.reject(new Error(text));

test('waits for both, and hands back what the other program came to', async () => {
  const done: string[] = [];
  const slow = new Promise<string>((resolve) => setTimeout(resolve, 20, 'theirs')).finally(() => done.push('theirs'));
  expect(await beside(slow, () => done.push('ours'))).toBe('theirs');
  expect(done).toEqual(['ours', 'theirs']);
});

test('fails as the other program did, else as our work did, and not before both are at their end', async () => {
  await expect(beside(failing('theirs'), () => failing('ours'))).rejects.toThrow('theirs');
  let ended = false;
  const slow = new Promise<void>((resolve) => setTimeout(resolve, 20)).then(() => {
    ended = true;
  });
  await expect(beside(slow, () => failing('ours'))).rejects.toThrow('ours');
  expect(ended).toBe(true);
});
