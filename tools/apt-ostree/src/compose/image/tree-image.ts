import type { Session } from '../session.ts';
import { exportStage } from './export-stage.ts';
import { imageReport, readImage } from './report.ts';

/** `compose tree --container`: the commit as an image too. @returns what is said of it */
export async function treeImage(session: Session, output: string, repo: string, ref: string): Promise<string> {
  const stage = exportStage({ cachedir: session.cachedir }, { output, format: 'plain', repo, ref });
  return imageReport(readImage(await session.pipe([stage])));
}
