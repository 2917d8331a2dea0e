# fish completion for aot-commit; generated from its definitions.
function __aot_commit_at
  set -l words (commandline -opc | string match -v -- '-*')
  test (count $words) -ge (math (count $argv) + 1); or return 1
  for i in (seq (count $argv))
    contains -- $words[(math $i + 1)] (string split ' ' -- $argv[$i]); or return 1
  end
end
function __aot_commit_at_end
  __aot_commit_at $argv; and test (count (commandline -opc | string match -v -- '-*')) -eq (math (count $argv) + 1)
end
complete -c aot-commit -f
complete -c aot-commit -n '__aot_commit_at' -s o -l output -r -F -d 'write the result to FILE instead of standard output, in one step'
complete -c aot-commit -n '__aot_commit_at' -l progress-fd -x -d 'write progress to descriptor N as JSON lines'
complete -c aot-commit -n '__aot_commit_at' -l json-errors -d 'report an error as one JSON object on standard error'
complete -c aot-commit -n '__aot_commit_at' -s q -l quiet -d 'no progress and no notes on standard error'
complete -c aot-commit -n '__aot_commit_at' -s h -l help -d 'show this help and exit'
complete -c aot-commit -n '__aot_commit_at' -l version -d 'show the version and exit'
complete -c aot-commit -n '__aot_commit_at' -s r -l repo -x -a '(__fish_complete_directories)' -d 'the repository that gets the commit'
complete -c aot-commit -n '__aot_commit_at' -l ref -x -d 'the ref to update instead of the treefile\'s'
complete -c aot-commit -n '__aot_commit_at' -l cachedir -x -a '(__fish_complete_directories)' -d 'the cache directory instead of the one in the manifest'
complete -c aot-commit -n '__aot_commit_at' -l source-root -x -a '(__fish_complete_directories)' -d 'where the files beside the treefile are'
complete -c aot-commit -n '__aot_commit_at' -l parent -x -d 'the parent commit instead of what the ref names'
complete -c aot-commit -n '__aot_commit_at' -l no-parent -d 'make a commit without a parent'
complete -c aot-commit -n '__aot_commit_at' -l add-metadata-string -x -d 'add a string to the metadata of the commit'
complete -c aot-commit -n '__aot_commit_at' -l add-metadata-from-json -r -F -d 'add the members of a JSON object to the metadata of the commit'
complete -c aot-commit -n '__aot_commit_at' -l write-commitid-to -r -F -d 'write the commit to FILE and leave the ref alone'
complete -c aot-commit -n '__aot_commit_at' -l commit-version -x -d 'the version instead of the one that the treefile\'s automatic-version-prefix gives'
complete -c aot-commit -n '__aot_commit_at' -l previous-version -x -d 'the version that automatic-version-prefix counts on from, instead of the parent\'s'
complete -c aot-commit -n '__aot_commit_at' -l previous-inputhash -x -d 'the input hash to compare with, instead of the parent\'s'
complete -c aot-commit -n '__aot_commit_at' -l consume -d 'lay the tree out in place, which ends it: for a tree that nobody needs afterwards'
complete -c aot-commit -n '__aot_commit_at' -l leave -d 'with --consume: do not remove what is left of the tree, for somebody who does that meanwhile'
complete -c aot-commit -n '__aot_commit_at' -l layer-repo -x -a '(__fish_complete_directories)' -d 'the repository with the refs of ostree-layers, where it is not --repo'
complete -c aot-commit -n '__aot_commit_at' -l strict-var -d 'a path in /var that no rule names is an error'
complete -c aot-commit -n '__aot_commit_at' -l gpg-sign -x -d 'sign the commit with this GPG key'
complete -c aot-commit -n '__aot_commit_at' -l gpg-homedir -x -a '(__fish_complete_directories)' -d 'the GPG home directory with the keys'
complete -c aot-commit -n '__aot_commit_at' -l sign-ed25519 -r -F -d 'sign the commit with the ed25519 secret key in FILE, where libostree can'
complete -c aot-commit -n '__aot_commit_at' -l force -d 'write a commit even when the input hash is that of the parent'
