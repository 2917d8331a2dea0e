import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, value, word } from '../../later.ts';
import { BYPASS, CACHE_ONLY, DOWNLOAD_ONLY, HOST, LOCK, PACKAGES, REBOOT, STATEROOT } from '../options.ts';

const args = {
  refspec: word('REFSPEC', 'the new base: [REMOTE:]BRANCH, a checksum or an image reference', { required: false }),
  revision: word('REVISION', 'the commit or version to deploy', { required: false }),
  branch: value('BRANCH', 'the branch', { alias: 'b' }),
  remote: value('REMOTE', 'the remote', { alias: 'm' }),
  ...STATEROOT,
  ...REBOOT,
  'skip-purge': flag('keep the old ref'),
  ...CACHE_ONLY,
  ...DOWNLOAD_ONLY,
  'custom-origin-description': value('TEXT', 'describe an origin that is not an ostree remote'),
  'custom-origin-url': value('URL', 'the address of such an origin'),
  experimental: flag('accepted and without effect'),
  'disallow-downgrade': flag('refuse an older base'),
  ...LOCK,
  ...BYPASS,
  ...PACKAGES,
  ...HOST,
};

export type RebaseArgs = Args<typeof args>;

export const rebase = defineTool({
  name: 'rebase',
  summary: 'switch to another base and keep the layered packages',
  description: `Deploys the newest commit of another branch, or REVISION of it, and follows that branch from then on. Of a REFSPEC without a remote the remote stays, of REMOTE: the branch. ':BRANCH' is a branch of the sysroot's own repository.

/PATH/TO/REPO:REF takes the commit from a repository on this machine; a checksum is a commit. Neither can be upgraded: the deployment is pinned to that commit until the next rebase.

An image reference is a container image whose file system, or whose OSTree commit, is deployed: 'ostree-unverified-registry:HOST/NAME:TAG' or 'ostree-unverified-image:TRANSPORT:...' takes it as it is, 'ostree-remote-registry:REMOTE:HOST/NAME:TAG' or 'ostree-remote-image:REMOTE:TRANSPORT:...' only where the keys of REMOTE have signed the commit in it, and 'ostree-image-signed:docker://HOST/NAME:TAG' only what the policy of the host accepts: a rule of /etc/containers/policy.json that says who signs, which skopeo(1) judges by. Layers that are here already are not fetched again. Credentials are in /run/ostree/auth.json, /etc/ostree/auth.json or /usr/lib/ostree/auth.json.`,
  args,
  examples: [
    { command: 'apt-ostree rebase debian:debian/14/server', text: 'Go to another branch.' },
    {
      command: 'apt-ostree rebase ostree-unverified-registry:registry.example.org/os/server:13',
      text: 'Go to a container image.',
    },
  ],
  seeAlso: ['apt-ostree-upgrade(1)', 'aot-ociimport(1)', 'apt-ostree-deploy(1)', 'ostree-remote(1)'],
  enter: async () => (await import('../change/enter.ts')).enterAsRoot(),
  work: async () => (await import('./rebase.ts')).rebase,
});
