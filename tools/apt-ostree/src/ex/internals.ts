import { later, laterGroup, value, word } from '../later.ts';

const argument = word('ARGUMENT', 'what the caller passes', { required: false, multiple: true });

/** What rpm-ostree's own library and tests call. */
export const internals = [
  laterGroup(
    { name: 'shlib-backend', hidden: true, summary: 'calls of the shared library' },
    later({ name: 'get-basearch', summary: 'print the base architecture' }),
    later({
      name: 'varsubst-basearch',
      summary: 'replace ${basearch} in a text',
      args: { source: word('TEXT', 'the text') },
    }),
    later({
      name: 'packagelist-from-commit',
      summary: 'list the packages of a commit',
      args: { commit: word('COMMIT', 'commit or ref') },
    }),
  ),
  laterGroup(
    { name: 'testutils', hidden: true, summary: 'calls of the tests' },
    later({ name: 'inject-pkglist', summary: 'add the package list to a commit', args: { argument } }),
    later({ name: 'script-shell', summary: 'run a script in the sandbox', args: { argument } }),
    later({
      name: 'generate-synthetic-upgrade',
      summary: 'make a commit that differs from another',
      args: {
        repo: value('REPO', 'the OSTree repository'),
        'src-ref': value('REF', 'the ref to start from'),
        ref: value('REF', 'the ref of the new commit'),
        percentage: value('N', 'how much of it changes'),
      },
    }),
    later({ name: 'integration-read-only', summary: 'look at the running system' }),
    later({ name: 'c-units', summary: 'run unit tests' }),
    later({ name: 'moo', summary: 'nothing' }),
  ),
  laterGroup(
    { name: 'cliwrap', hidden: true, summary: 'wrap commands of the package manager' },
    later({
      name: 'install-to-root',
      summary: 'put the wrappers into a tree',
      args: { root: word('ROOT', 'the tree') },
    }),
  ),
];
