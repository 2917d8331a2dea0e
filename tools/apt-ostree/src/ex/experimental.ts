import { chunked } from '../compose/image/chunked.command.ts';
import { toRootfs } from '../compose/image/to-rootfs.command.ts';
import { rootfs } from '../compose/rootfs.command.ts';
import { treefileApply } from '../container/treefile-apply.command.ts';
import { later, laterGroup } from '../later.ts';

export const experimental = laterGroup(
  { name: 'experimental', hidden: true, summary: 'older place of commands that may still change' },
  later({ name: 'stub', hidden: true, summary: 'nothing' }),
  laterGroup({ name: 'compose', summary: 'older place of compose commands' }, chunked, rootfs, toRootfs, treefileApply),
);
