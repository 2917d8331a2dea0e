import { expect, test } from 'vitest';
import { EarlyStages } from '../src/compose/early-stages.ts';

test('stages run once, started early or not, and those that still wait are ended', async () => {
  let runs = 0;
  const run = async (input: Promise<string>) => {
    runs++;
    return `${await input}!`;
  };
  const early = new EarlyStages(run);
  early.start();
  expect(await early.finish('text')).toBe('text!');
  await early.drop();
  expect(await new EarlyStages(run).finish('other')).toBe('other!');
  expect(runs).toBe(2);

  let ended: unknown;
  const dropped = new EarlyStages((input) => {
    input.catch((reason) => {
      ended = reason;
    });
    return run(input);
  });
  dropped.start();
  await dropped.drop();
  expect(ended).toEqual(new Error('not needed'));
});

test('how stages failed that were started early is told to who waits for them', async () => {
  const early = new EarlyStages(async () => Promise.reject(new Error('it broke')));
  early.start();
  await expect(early.finish('text')).rejects.toThrow('it broke');
  await early.drop();
});
