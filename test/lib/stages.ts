import { type ToolResult, tool } from '@apt-ostree/testkit';
import type { Places, SmallWorld } from './small-world.ts';

export const STAGES = ['aot-resolve', 'aot-fetch', 'aot-unpack', 'aot-sandbox', 'aot-commit'] as const;
export type Stage = (typeof STAGES)[number];

export interface StagePlaces extends Places {
  rootfs: string;
}

/** Runs one stage of a small world by itself. */
export function stage(
  name: Stage,
  world: SmallWorld,
  places: StagePlaces,
  stdin: string,
  prefix: readonly string[] = [],
): Promise<ToolResult> {
  const own: Record<Stage, string[]> = {
    'aot-resolve': [world.treefile],
    'aot-fetch': ['--source-root', world.directory],
    'aot-unpack': ['--rootfs', places.rootfs],
    'aot-sandbox': ['--source-root', world.directory],
    'aot-commit': ['--source-root', world.directory, '--repo', places.repo],
  };
  return tool(name, ['--quiet', '--cachedir', places.cachedir, ...own[name]], { stdin, prefix });
}
