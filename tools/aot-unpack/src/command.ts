import { defineTool } from '@apt-ostree/cli';

export const command = defineTool({ name: 'aot-unpack', summary: 'not there yet' });
