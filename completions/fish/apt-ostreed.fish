# fish completion for apt-ostreed; generated from its definitions.
function __apt_ostreed_at
  set -l words (commandline -opc | string match -v -- '-*')
  test (count $words) -ge (math (count $argv) + 1); or return 1
  for i in (seq (count $argv))
    contains -- $words[(math $i + 1)] (string split ' ' -- $argv[$i]); or return 1
  end
end
function __apt_ostreed_at_end
  __apt_ostreed_at $argv; and test (count (commandline -opc | string match -v -- '-*')) -eq (math (count $argv) + 1)
end
complete -c apt-ostreed -f
complete -c apt-ostreed -n '__apt_ostreed_at' -s o -l output -r -F -d 'write the result to FILE instead of standard output, in one step'
complete -c apt-ostreed -n '__apt_ostreed_at' -l progress-fd -x -d 'write progress to descriptor N as JSON lines'
complete -c apt-ostreed -n '__apt_ostreed_at' -l json-errors -d 'report an error as one JSON object on standard error'
complete -c apt-ostreed -n '__apt_ostreed_at' -s q -l quiet -d 'no progress and no notes on standard error'
complete -c apt-ostreed -n '__apt_ostreed_at' -s h -l help -d 'show this help and exit'
complete -c apt-ostreed -n '__apt_ostreed_at' -l version -d 'show the version and exit'
complete -c apt-ostreed -n '__apt_ostreed_at' -l sysroot -x -a '(__fish_complete_directories)' -d 'work on this sysroot'
complete -c apt-ostreed -n '__apt_ostreed_at' -l configuration -r -F -d 'read the configuration there'
complete -c apt-ostreed -n '__apt_ostreed_at' -l also-name -x -d 'serve the same objects under this bus name too, with its object paths and interfaces'
