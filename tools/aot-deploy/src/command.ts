import { defineTool } from '@apt-ostree/cli';

export const command = defineTool({
  name: 'aot-deploy',
  summary: 'deploy commits in a sysroot',
});
