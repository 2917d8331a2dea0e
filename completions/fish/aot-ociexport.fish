# fish completion for aot-ociexport; generated from its definitions.
function __aot_ociexport_at
  set -l words (commandline -opc | string match -v -- '-*')
  test (count $words) -ge (math (count $argv) + 1); or return 1
  for i in (seq (count $argv))
    contains -- $words[(math $i + 1)] (string split ' ' -- $argv[$i]); or return 1
  end
end
function __aot_ociexport_at_end
  __aot_ociexport_at $argv; and test (count (commandline -opc | string match -v -- '-*')) -eq (math (count $argv) + 1)
end
complete -c aot-ociexport -f
complete -c aot-ociexport -n '__aot_ociexport_at' -s o -l output -x -d 'where the image goes: oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG] or registry:HOST/NAME[:TAG]'
complete -c aot-ociexport -n '__aot_ociexport_at' -l progress-fd -x -d 'write progress to descriptor N as JSON lines'
complete -c aot-ociexport -n '__aot_ociexport_at' -l json-errors -d 'report an error as one JSON object on standard error'
complete -c aot-ociexport -n '__aot_ociexport_at' -s q -l quiet -d 'no progress and no notes on standard error'
complete -c aot-ociexport -n '__aot_ociexport_at' -s h -l help -d 'show this help and exit'
complete -c aot-ociexport -n '__aot_ociexport_at' -l version -d 'show the version and exit'
complete -c aot-ociexport -n '__aot_ociexport_at' -l repo -x -a '(__fish_complete_directories)' -d 'take the commit from this repository, with --ref; nothing is read'
complete -c aot-ociexport -n '__aot_ociexport_at' -l ref -x -d 'the commit, or a ref of --repo that names it'
complete -c aot-ociexport -n '__aot_ociexport_at' -l format -x -a 'plain encapsulated' -d 'a root file system, or one with the commit in an OSTree repository'
complete -c aot-ociexport -n '__aot_ociexport_at' -l max-layers -x -d 'at most so many layers'
complete -c aot-ociexport -n '__aot_ociexport_at' -l components -r -F -d 'give paths a layer of their own: a JSON object of paths in the image and names of components, one layer for each name'
complete -c aot-ociexport -n '__aot_ociexport_at' -l previous -r -F -d 'put packages where this earlier image has them: a file with its manifest, or a reference; what its repository has need not be sent again to another of the same registry'
complete -c aot-ociexport -n '__aot_ociexport_at' -l compression -x -a 'gzip zstd none' -d 'how layers are compressed'
complete -c aot-ociexport -n '__aot_ociexport_at' -s l -l label -x -d 'add a label'
complete -c aot-ociexport -n '__aot_ociexport_at' -l copymeta -x -d 'copy this string of the commit\'s metadata to the labels'
complete -c aot-ociexport -n '__aot_ociexport_at' -l copymeta-opt -x -d 'the same, where it is there'
complete -c aot-ociexport -n '__aot_ociexport_at' -l annotation -x -d 'add an annotation to the manifest'
complete -c aot-ociexport -n '__aot_ociexport_at' -l cmd -x -d 'what a container of the image runs, a word each time; the treefile\'s container-cmd unless said'
complete -c aot-ociexport -n '__aot_ociexport_at' -l image-config -r -F -d 'the OCI image configuration to start from'
complete -c aot-ociexport -n '__aot_ociexport_at' -l arch -x -d 'architecture of the image, instead of dpkg\'s'
complete -c aot-ociexport -n '__aot_ociexport_at' -l sbom -x -a 'spdx cyclonedx' -d 'list the packages in a file of the image, and attach the list to it; an archive for docker has the file alone'
complete -c aot-ociexport -n '__aot_ociexport_at' -l sign-by -x -d 'sign the image in its registry: with a private key in a file, by cosign or skopeo, or with a key of GnuPG, by skopeo'
complete -c aot-ociexport -n '__aot_ociexport_at' -l cachedir -x -a '(__fish_complete_directories)' -d 'keep compressed layers in DIR'
complete -c aot-ociexport -n '__aot_ociexport_at' -l authfile -r -F -d 'credentials for the registry'
complete -c aot-ociexport -n '__aot_ociexport_at' -l cert-dir -x -a '(__fish_complete_directories)' -d 'certificates for the registry'
complete -c aot-ociexport -n '__aot_ociexport_at' -l no-tls-verify -d 'take the registry\'s certificate as it is, or plain HTTP'
complete -c aot-ociexport -n '__aot_ociexport_at' -l retry-times -x -d 'try a transfer so many times'
complete -c aot-ociexport -n '__aot_ociexport_at' -l transport -x -a 'own skopeo' -d 'who talks to registries'
