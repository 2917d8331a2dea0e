import { defineTool } from '@apt-ostree/cli';

export const command = defineTool({ name: 'aot-fetch', summary: 'not there yet' });
