# fish completion for aot-unpack; generated from its definitions.
function __aot_unpack_at
  set -l words (commandline -opc | string match -v -- '-*')
  test (count $words) -ge (math (count $argv) + 1); or return 1
  for i in (seq (count $argv))
    contains -- $words[(math $i + 1)] (string split ' ' -- $argv[$i]); or return 1
  end
end
function __aot_unpack_at_end
  __aot_unpack_at $argv; and test (count (commandline -opc | string match -v -- '-*')) -eq (math (count $argv) + 1)
end
complete -c aot-unpack -f
complete -c aot-unpack -n '__aot_unpack_at' -s o -l output -r -F -d 'write the result to FILE instead of standard output, in one step'
complete -c aot-unpack -n '__aot_unpack_at' -l progress-fd -x -d 'write progress to descriptor N as JSON lines'
complete -c aot-unpack -n '__aot_unpack_at' -l json-errors -d 'report an error as one JSON object on standard error'
complete -c aot-unpack -n '__aot_unpack_at' -s q -l quiet -d 'no progress and no notes on standard error'
complete -c aot-unpack -n '__aot_unpack_at' -s h -l help -d 'show this help and exit'
complete -c aot-unpack -n '__aot_unpack_at' -l version -d 'show the version and exit'
complete -c aot-unpack -n '__aot_unpack_at' -l rootfs -x -a '(__fish_complete_directories)' -d 'make the tree at DIR; a tree that aot-unpack made there before is replaced'
complete -c aot-unpack -n '__aot_unpack_at' -l cachedir -x -a '(__fish_complete_directories)' -d 'directory of the caches; by default /var/cache/apt-ostree, or below XDG_CACHE_HOME for a user'
complete -c aot-unpack -n '__aot_unpack_at' -l base-tree -x -a '(__fish_complete_directories)' -d 'of packages that are layered: DIR is the base\'s tree, checked out by hard links for this; it is taken'
complete -c aot-unpack -n '__aot_unpack_at' -l no-configured-cache -d 'unpack the packages also where the cache has the configured tree that they make'
