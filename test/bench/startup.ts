import { spawnSync } from 'node:child_process';
import { program } from '../lib/checkout.ts';
import { median } from './measure.ts';

const TOOLS = [
  'aot-resolve',
  'aot-fetch',
  'aot-unpack',
  'aot-sandbox',
  'aot-commit',
  'aot-deploy',
  'aot-ociexport',
  'aot-ociimport',
  'apt-ostree',
  'apt-ostreed',
];

/** Time of `--help` of every tool against `node -e 0`, in turn, as the median ratio. */
export function startupRows(runs: number): { tool: string; milliseconds: number; ratio: number }[] {
  return TOOLS.map((tool) => {
    const pairs = Array.from(
      { length: runs },
      () => [time(program(tool), ['--help']), time(process.execPath, ['-e', '0'])] as const,
    );
    return { tool, milliseconds: median(pairs.map(([a]) => a)), ratio: median(pairs.map(([a, b]) => a / b)) };
  });
}

function time(file: string, args: string[]): number {
  const begin = performance.now();
  const { status } = spawnSync(file, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`'${file} ${args.join(' ')}' ended with ${status}`);
  return performance.now() - begin;
}
