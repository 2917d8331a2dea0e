import { parseManifest, readStream } from '@apt-ostree/manifest';
import type { Stage } from './stage.ts';

/**
 * Holds what a stage wrote against the kind that it is to write.
 * @throws AotError `data` or `noInput`, as the stage that would have read it says it
 */
export async function checkOutput({ name, writes }: Stage, text: string): Promise<void> {
  if (writes === undefined) return;
  if (writes === 'aot.archives/v1' && /^.*"stream"\s*:\s*true/.test(text))
    await readStream(lines(text), nothing, nothing);
  else parseManifest(text, [writes], `stage '${name}'`);
}

const nothing = (): void => {};

async function* lines(text: string): AsyncGenerator<string> {
  yield* text.replace(/\n$/, '').split('\n');
}
