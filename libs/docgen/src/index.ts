export { pageName, walk } from './commands.ts';
export { documentation, isPorcelain } from './documentation.ts';
