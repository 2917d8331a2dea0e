import { cleanup } from './cleanup/command.ts';
import { deploy } from './deploy/command.ts';
import { finalizeDeployment } from './finalize/command.ts';
import { rebase } from './rebase/command.ts';
import { reset } from './reset/command.ts';
import { rollback } from './rollback/command.ts';
import { status } from './status/command.ts';
import { upgrade } from './upgrade/command.ts';

export const deployments = [status, upgrade, deploy, rebase, rollback, cleanup, finalizeDeployment, reset];
