import { defineTool } from '@apt-ostree/cli';

export const command = defineTool({ name: 'aot-resolve', summary: 'not there yet' });
