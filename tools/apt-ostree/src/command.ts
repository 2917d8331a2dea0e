import { defineTool } from '@apt-ostree/cli';

export const command = defineTool({ name: 'apt-ostree', summary: 'not there yet' });
