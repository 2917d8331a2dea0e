# fish completion for aot-ociimport; generated from its definitions.
function __aot_ociimport_at
  set -l words (commandline -opc | string match -v -- '-*')
  test (count $words) -ge (math (count $argv) + 1); or return 1
  for i in (seq (count $argv))
    contains -- $words[(math $i + 1)] (string split ' ' -- $argv[$i]); or return 1
  end
end
function __aot_ociimport_at_end
  __aot_ociimport_at $argv; and test (count (commandline -opc | string match -v -- '-*')) -eq (math (count $argv) + 1)
end
complete -c aot-ociimport -f
complete -c aot-ociimport -n '__aot_ociimport_at' -s o -l output -r -F -d 'write the result to FILE instead of standard output, in one step'
complete -c aot-ociimport -n '__aot_ociimport_at' -l progress-fd -x -d 'write progress to descriptor N as JSON lines'
complete -c aot-ociimport -n '__aot_ociimport_at' -l json-errors -d 'report an error as one JSON object on standard error'
complete -c aot-ociimport -n '__aot_ociimport_at' -s q -l quiet -d 'no progress and no notes on standard error'
complete -c aot-ociimport -n '__aot_ociimport_at' -s h -l help -d 'show this help and exit'
complete -c aot-ociimport -n '__aot_ociimport_at' -l version -d 'show the version and exit'
complete -c aot-ociimport -n '__aot_ociimport_at' -s r -l repo -x -a '(__fish_complete_directories)' -d 'the repository that gets the commit'
complete -c aot-ociimport -n '__aot_ociimport_at' -l ref -x -d 'the ref that is to name the commit'
complete -c aot-ociimport -n '__aot_ociimport_at' -l arch -x -d 'the architecture of the image, by Debian\'s name; by default this machine\'s'
complete -c aot-ociimport -n '__aot_ociimport_at' -l any-image -d 'accept an image that does not say that it can be booted'
complete -c aot-ociimport -n '__aot_ociimport_at' -l cache-only -d 'use what the repository has of images in registries: no network'
complete -c aot-ociimport -n '__aot_ociimport_at' -l verify-remote -x -d 'accept only a commit that the keys of this remote of the repository have signed'
complete -c aot-ociimport -n '__aot_ociimport_at' -l verify-policy -r -F -d 'accept only what a rule of this containers-policy.json(5) vouches for'
complete -c aot-ociimport -n '__aot_ociimport_at' -l authfile -r -F -d 'credentials for the registry'
complete -c aot-ociimport -n '__aot_ociimport_at' -l cert-dir -x -a '(__fish_complete_directories)' -d 'certificates for the registry'
complete -c aot-ociimport -n '__aot_ociimport_at' -l no-tls-verify -d 'take the registry\'s certificate as it is, or plain HTTP'
complete -c aot-ociimport -n '__aot_ociimport_at' -l retry-times -x -d 'try a transfer so many times'
complete -c aot-ociimport -n '__aot_ociimport_at' -l transport -x -a 'own skopeo' -d 'who talks to registries'
