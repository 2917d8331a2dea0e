import { CHUNKED } from '../compose/image-options.ts';
import { ROOTFS } from '../compose/rootfs.command.ts';
import { later, laterGroup, value, values, word } from '../later.ts';

export const experimental = laterGroup(
  { name: 'experimental', hidden: true, summary: 'older place of commands that may still change' },
  later({ name: 'stub', hidden: true, summary: 'nothing' }),
  laterGroup(
    { name: 'compose', summary: 'older place of compose commands' },
    later({ name: 'build-chunked-oci', summary: "see 'apt-ostree compose build-chunked-oci'", args: CHUNKED }),
    later({ name: 'rootfs', summary: "see 'apt-ostree compose rootfs'", args: ROOTFS }),
    later({
      name: 'commit-to-container-rootfs',
      summary: 'check a commit out as the root of a container',
      args: {
        commit: word('COMMIT', 'commit or ref'),
        destination: word('DEST', 'the directory to make'),
        repo: value('REPO', 'the OSTree repository'),
      },
    }),
    later({
      name: 'treefile-apply',
      summary: 'apply a treefile to the running container',
      args: { treefile: word('TREEFILE', 'the treefile'), var: values('KEY=VALUE', 'set a variable') },
    }),
  ),
);
