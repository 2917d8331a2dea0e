/** Where an image is, as it is written on command lines. */
export type ImageReference =
  | { transport: 'oci'; path: string; tag: string | undefined }
  | { transport: 'oci-archive'; path: string; tag: string | undefined }
  | { transport: 'docker-archive'; path: string; tag: string | undefined }
  | {
      transport: 'registry';
      /** Host with its port. */
      host: string;
      /** Path of the repository in that registry. */
      name: string;
      tag: string | undefined;
      /** `sha256:…`; where there is one, the tag does not count. */
      digest: string | undefined;
    };
