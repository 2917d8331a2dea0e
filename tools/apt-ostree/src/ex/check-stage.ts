import type { Context } from '@apt-ostree/cli';
import type { CheckStageArgs } from './check-stage.command.ts';

export async function checkStage(_args: CheckStageArgs, _context: Context): Promise<number> {
  return 1;
}
