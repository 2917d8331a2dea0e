import type { CommitManifest } from '@apt-ostree/manifest';
import { commitReport } from './commit-report.ts';
import { writeComposeJson } from './compose-json.ts';
import { touch } from './files.ts';
import type { Session } from './session.ts';

interface FinishArgs {
  repo?: string | undefined;
  'previous-commit'?: string | undefined;
  'write-composejson-to'?: string | undefined;
  'write-commitid-to'?: string | undefined;
  'touch-if-changed'?: string | undefined;
}

/** Tells files and people about a commit that was just made. */
export async function finishCommit(session: Session, args: FinishArgs, commit: CommitManifest): Promise<string> {
  if (args['write-composejson-to'] !== undefined) await writeComposeJson(args['write-composejson-to'], commit, args);
  if (args['touch-if-changed'] !== undefined && !commit.unchanged) touch(args['touch-if-changed']);
  session.context.note(`Packages: ${commit.packages.length}`);
  session.context.note(`Time: ${session.timings.summary()}`);
  return commitReport(commit, args['write-commitid-to'] !== undefined);
}
