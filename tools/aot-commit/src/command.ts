import { defineTool } from '@apt-ostree/cli';

export const command = defineTool({ name: 'aot-commit', summary: 'not there yet' });
