import { type Args, defineTool } from '@apt-ostree/cli';
import { value, word } from '../../later.ts';

const args = {
  commit: word('COMMIT', 'commit or ref'),
  destination: word('DEST', 'the directory to make'),
  repo: value('REPO', 'the OSTree repository'),
} as const;

export type ToRootfsArgs = Args<typeof args>;

export const toRootfs = defineTool({
  name: 'commit-to-container-rootfs',
  summary: 'check a commit out as the root of a container',
  args,
  work: async () => (await import('./to-rootfs.ts')).toRootfs,
});
