# fish completion for aot-fetch; generated from its definitions.
function __aot_fetch_at
  set -l words (commandline -opc | string match -v -- '-*')
  test (count $words) -ge (math (count $argv) + 1); or return 1
  for i in (seq (count $argv))
    contains -- $words[(math $i + 1)] (string split ' ' -- $argv[$i]); or return 1
  end
end
function __aot_fetch_at_end
  __aot_fetch_at $argv; and test (count (commandline -opc | string match -v -- '-*')) -eq (math (count $argv) + 1)
end
complete -c aot-fetch -f
complete -c aot-fetch -n '__aot_fetch_at' -s o -l output -r -F -d 'write the result to FILE instead of standard output, in one step'
complete -c aot-fetch -n '__aot_fetch_at' -l progress-fd -x -d 'write progress to descriptor N as JSON lines'
complete -c aot-fetch -n '__aot_fetch_at' -l json-errors -d 'report an error as one JSON object on standard error'
complete -c aot-fetch -n '__aot_fetch_at' -s q -l quiet -d 'no progress and no notes on standard error'
complete -c aot-fetch -n '__aot_fetch_at' -s h -l help -d 'show this help and exit'
complete -c aot-fetch -n '__aot_fetch_at' -l version -d 'show the version and exit'
complete -c aot-fetch -n '__aot_fetch_at' -l cachedir -x -a '(__fish_complete_directories)' -d 'keep downloads and caches in DIR'
complete -c aot-fetch -n '__aot_fetch_at' -l source-root -x -a '(__fish_complete_directories)' -d 'directory that the treefile\'s files are relative to'
complete -c aot-fetch -n '__aot_fetch_at' -l system -x -a '(__fish_complete_directories)' -d 'the archives are those of the system at ROOT, as aot-resolve\'s --system has it'
complete -c aot-fetch -n '__aot_fetch_at' -l have -x -a '(__fish_complete_directories)' -d 'pass on what this package cache already has, without a download'
complete -c aot-fetch -n '__aot_fetch_at' -s j -l jobs -x -d 'downloads that run at once'
complete -c aot-fetch -n '__aot_fetch_at' -l offline -d 'ask no server: a package that is not in the cache is an error'
complete -c aot-fetch -n '__aot_fetch_at' -l verify-cache -d 'hash again what is in the cache'
complete -c aot-fetch -n '__aot_fetch_at' -l stream -d 'write JSON lines, every package as soon as it and those before it are there'
