/**
 * What verifying one signature gave, in the order of libostree's OstreeGpgSignatureAttr, as rpm-ostree prints it: valid,
 * expired, key expired, key revoked, key missing, fingerprint, made at, expires at, public key algorithm, hash algorithm,
 * user name, user mail, fingerprint of the primary key.
 */
export type Signature = [
  valid: boolean,
  expired: boolean,
  keyExpired: boolean,
  keyRevoked: boolean,
  keyMissing: boolean,
  fingerprint: string,
  timestamp: number,
  expires: number,
  publicKeyAlgorithm: string,
  hashAlgorithm: string,
  userName: string,
  userMail: string,
  primaryFingerprint: string,
];

/** What status says of one signature. */
export function signatureText([valid, expired, keyExpired, keyRevoked, keyMissing, fingerprint]: Signature): string {
  if (keyMissing) return `Can't check signature: public key ${fingerprint} not found`;
  if (valid) return `Valid signature by ${fingerprint}`;
  if (keyRevoked) return `Invalid signature by ${fingerprint}: the key was revoked`;
  if (keyExpired) return `Invalid signature by ${fingerprint}: the key is expired`;
  if (expired) return `Expired signature by ${fingerprint}`;
  return `Invalid signature by ${fingerprint}`;
}
