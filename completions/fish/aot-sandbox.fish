# fish completion for aot-sandbox; generated from its definitions.
function __aot_sandbox_at
  set -l words (commandline -opc | string match -v -- '-*')
  test (count $words) -ge (math (count $argv) + 1); or return 1
  for i in (seq (count $argv))
    contains -- $words[(math $i + 1)] (string split ' ' -- $argv[$i]); or return 1
  end
end
function __aot_sandbox_at_end
  __aot_sandbox_at $argv; and test (count (commandline -opc | string match -v -- '-*')) -eq (math (count $argv) + 1)
end
complete -c aot-sandbox -f
complete -c aot-sandbox -n '__aot_sandbox_at_end' -a exec -d 'run a command in a tree, in the sandbox of the maintainer scripts'
complete -c aot-sandbox -n '__aot_sandbox_at' -s o -l output -r -F -d 'write the result to FILE instead of standard output, in one step'
complete -c aot-sandbox -n '__aot_sandbox_at' -l progress-fd -x -d 'write progress to descriptor N as JSON lines'
complete -c aot-sandbox -n '__aot_sandbox_at' -l json-errors -d 'report an error as one JSON object on standard error'
complete -c aot-sandbox -n '__aot_sandbox_at' -s q -l quiet -d 'no progress and no notes on standard error'
complete -c aot-sandbox -n '__aot_sandbox_at' -s h -l help -d 'show this help and exit'
complete -c aot-sandbox -n '__aot_sandbox_at' -l version -d 'show the version and exit'
complete -c aot-sandbox -n '__aot_sandbox_at' -l cachedir -x -a '(__fish_complete_directories)' -d 'the cache directory, instead of the manifest\'s'
complete -c aot-sandbox -n '__aot_sandbox_at' -l source-root -x -a '(__fish_complete_directories)' -d 'where the files beside the treefile are'
complete -c aot-sandbox -n '__aot_sandbox_at' -l script-timeout -x -d 'give up on a script that takes longer'
complete -c aot-sandbox -n '__aot_sandbox_at' -l no-configured-cache -d 'do not keep the configured tree in the cache'
complete -c aot-sandbox -n '__aot_sandbox_at' -l accounts -r -F -d 'give users and groups the numbers that FILE says, JSON: {"users": {NAME: UID}, "groups": {NAME: GID}}'
complete -c aot-sandbox -n '__aot_sandbox_at' -l force-replacefiles -d 'let packages that dpkg unpacks replace files of other packages'
complete -c aot-sandbox -n '__aot_sandbox_at' -l log -r -F -d 'write all that the scripts printed to FILE'
complete -c aot-sandbox -n '__aot_sandbox_at' -l keep -d 'on failure leave the upper directory of the overlay, and say where'
complete -c aot-sandbox -n '__aot_sandbox_at exec' -s o -l output -r -F -d 'write the result to FILE instead of standard output, in one step'
complete -c aot-sandbox -n '__aot_sandbox_at exec' -l progress-fd -x -d 'write progress to descriptor N as JSON lines'
complete -c aot-sandbox -n '__aot_sandbox_at exec' -l json-errors -d 'report an error as one JSON object on standard error'
complete -c aot-sandbox -n '__aot_sandbox_at exec' -s q -l quiet -d 'no progress and no notes on standard error'
complete -c aot-sandbox -n '__aot_sandbox_at exec' -s h -l help -d 'show this help and exit'
complete -c aot-sandbox -n '__aot_sandbox_at exec' -l version -d 'show the version and exit'
complete -c aot-sandbox -n '__aot_sandbox_at exec' -l rootfs -x -a '(__fish_complete_directories)' -d 'the tree'
complete -c aot-sandbox -n '__aot_sandbox_at exec' -l write -d 'keep what the command changes, if it ends with 0'
