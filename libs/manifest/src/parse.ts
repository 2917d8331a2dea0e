import { AotError } from '@apt-ostree/errors';
import * as z from 'zod/mini';
import { KINDS, type Kind, type Manifests, schemaOf } from './kinds.ts';

export type Parsed<K extends Kind> = Manifests[K];

/**
 * Parses and checks a manifest. Members that the schema does not know are kept.
 * @param from where the text came from, for errors: `standard input` or a file name
 * @throws AotError `noInput` for no text, `data` for a cut document, another kind, a newer version or a wrong member
 */
export function parseManifest<K extends Kind>(text: string, wanted: readonly K[], from: string): Parsed<K> {
  if (text.trim() === '') throw noInput(wanted, from);
  const document = parseJson(text, from);
  const kind = checkKind((document as { kind?: unknown } | null)?.kind, wanted, from);
  const result = z.safeParse(schemaOf(kind), document);
  if (!result.success) throw invalid(from, kind, result.error.issues);
  return result.data as unknown as Parsed<K>;
}

function noInput(wanted: readonly Kind[], from: string): AotError {
  return new AotError('noInput', `cannot read a manifest from ${from}: it is empty`, {
    hint:
      from === 'standard input'
        ? `pipe in the output of a stage that writes ${wanted.join(' or ')}`
        : `it should hold the output of a stage that writes ${wanted.join(' or ')}`,
  });
}

function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AotError('data', `cannot read a manifest from ${from}: it is not one whole JSON document`, {
      hint: 'the stage before may have been cut short; look at its messages',
      code: 'cut-manifest',
      cause,
    });
  }
}

function checkKind<K extends Kind>(kind: unknown, wanted: readonly K[], from: string): K {
  if (wanted.includes(kind as K)) return kind as K;
  if (typeof kind !== 'string') {
    throw new AotError('data', `cannot use the manifest from ${from}: it has no kind`, { code: 'wrong-kind' });
  }
  const newer = wanted.find((w) => w.split('/')[0] === kind.split('/')[0]);
  throw new AotError(
    'data',
    `cannot use the manifest from ${from}: it is '${kind}', not ${wanted.map((w) => `'${w}'`).join(' or ')}`,
    {
      code: newer ? 'newer-version' : 'wrong-kind',
      hint: newer
        ? 'it comes from a newer version of the tools; use the same version for all stages'
        : KINDS.includes(kind as Kind)
          ? 'the stages are in the wrong order'
          : undefined,
    },
  );
}

function invalid(from: string, kind: Kind, issues: readonly z.core.$ZodIssue[]): AotError {
  const lines = issues.slice(0, 5).map((i) => `${i.path.join('.') || 'document'}: ${i.message.toLowerCase()}`);
  return new AotError('data', `cannot use the manifest from ${from}: it is no valid ${kind}: ${lines.join('; ')}`, {
    code: 'invalid-manifest',
  });
}
