export { pageName, walk } from './commands.ts';
export { documentation, isPorcelain, pageFile } from './documentation.ts';
