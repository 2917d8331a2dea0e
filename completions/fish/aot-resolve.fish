# fish completion for aot-resolve; generated from its definitions.
function __aot_resolve_at
  set -l words (commandline -opc | string match -v -- '-*')
  test (count $words) -ge (math (count $argv) + 1); or return 1
  for i in (seq (count $argv))
    contains -- $words[(math $i + 1)] (string split ' ' -- $argv[$i]); or return 1
  end
end
function __aot_resolve_at_end
  __aot_resolve_at $argv; and test (count (commandline -opc | string match -v -- '-*')) -eq (math (count $argv) + 1)
end
complete -c aot-resolve -f
complete -c aot-resolve -n '__aot_resolve_at' -s o -l output -r -F -d 'write the result to FILE instead of standard output, in one step'
complete -c aot-resolve -n '__aot_resolve_at' -l progress-fd -x -d 'write progress to descriptor N as JSON lines'
complete -c aot-resolve -n '__aot_resolve_at' -l json-errors -d 'report an error as one JSON object on standard error'
complete -c aot-resolve -n '__aot_resolve_at' -s q -l quiet -d 'no progress and no notes on standard error'
complete -c aot-resolve -n '__aot_resolve_at' -s h -l help -d 'show this help and exit'
complete -c aot-resolve -n '__aot_resolve_at' -l version -d 'show the version and exit'
complete -c aot-resolve -n '__aot_resolve_at' -l cachedir -x -a '(__fish_complete_directories)' -d 'keep indices and solutions in DIR'
complete -c aot-resolve -n '__aot_resolve_at' -l source-root -x -a '(__fish_complete_directories)' -d 'files that the treefile names are relative to DIR instead of its own directory'
complete -c aot-resolve -n '__aot_resolve_at' -l lockfile -r -F -d 'take versions from FILE, an earlier result; of several the later wins'
complete -c aot-resolve -n '__aot_resolve_at' -l ex-lockfile -r -F -d 'take versions from FILE, an earlier result; of several the later wins'
complete -c aot-resolve -n '__aot_resolve_at' -l lockfile-strict -d 'fail when a package is needed that no lock file has'
complete -c aot-resolve -n '__aot_resolve_at' -l ex-lockfile-strict -d 'fail when a package is needed that no lock file has'
complete -c aot-resolve -n '__aot_resolve_at' -l cache-only -d 'use the indices that are there, without the network'
complete -c aot-resolve -n '__aot_resolve_at' -l offline -d 'use the indices that are there, without the network'
complete -c aot-resolve -n '__aot_resolve_at' -l base -x -d 'layer the packages on this commit, which is in the package cache; its own packages stay as they are'
complete -c aot-resolve -n '__aot_resolve_at' -l base-root -x -a '(__fish_complete_directories)' -d 'as --base, with the packages that are installed below ROOT'
complete -c aot-resolve -n '__aot_resolve_at' -l base-digest -x -d 'with --base: the commit is the image of that digest, which the treefile\'s base-image names'
complete -c aot-resolve -n '__aot_resolve_at' -l system -x -a '(__fish_complete_directories)' -d 'with --base: the archives are all those of the system at ROOT, with its keys and its apt settings'
complete -c aot-resolve -n '__aot_resolve_at' -l treefile-archives -d 'with --base: the archives are those of the treefile, as without --base'
complete -c aot-resolve -n '__aot_resolve_at' -l max-age -x -d 'with --base: do not look for newer indices when those that are there are younger'
complete -c aot-resolve -n '__aot_resolve_at' -l deb -r -F -d 'with --base: also this package, from a file'
complete -c aot-resolve -n '__aot_resolve_at' -l remove -x -d 'with --base: take this package out of the base'
complete -c aot-resolve -n '__aot_resolve_at' -l removable -x -d 'with --base: take this package out too where nothing needs it any more'
complete -c aot-resolve -n '__aot_resolve_at' -l replace -x -d 'with --base: let another version take the place of this package of the base'
complete -c aot-resolve -n '__aot_resolve_at' -l architecture -x -d 'Debian architecture of the tree'
complete -c aot-resolve -n '__aot_resolve_at' -F
