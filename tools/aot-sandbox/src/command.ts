import { defineTool } from '@apt-ostree/cli';

export const command = defineTool({ name: 'aot-sandbox', summary: 'not there yet' });
