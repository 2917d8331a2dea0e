import { AotError } from '@apt-ostree/errors';
import type { ImageConfig, Platform, WrittenLayer } from '@apt-ostree/oci';
import type { CommitInfo } from '@apt-ostree/ostree';
import { readText } from '@apt-ostree/run';
import { dateOf, sorted, treefileOf } from './labels.ts';
import type { PlannedLayer } from './planned.ts';

export interface ConfigParts {
  commit: CommitInfo;
  platform: Platform;
  labels: Record<string, string>;
  layers: readonly { plan: PlannedLayer; written: WrittenLayer }[];
  /** What the image runs; the treefile's, or init, where nobody says. */
  cmd: readonly string[];
  /** A configuration to start from. */
  base: ImageConfig | undefined;
}

/** systemd's clean end (systemd(1), SIGNALS). */
const STOP = 'SIGRTMIN+3';
const INIT = ['/sbin/init'];
const ENVIRONMENT = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'container=oci'];

/** The configuration of an image, its members in a fixed order. */
export function imageConfig(parts: ConfigParts): ImageConfig {
  const { commit, platform, labels, layers, base } = parts;
  const created = dateOf(commit);
  const given = base?.config ?? {};
  return {
    created,
    architecture: platform.architecture,
    os: platform.os,
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
    config: {
      ...given,
      Env: given.Env ?? ENVIRONMENT,
      Cmd: command(parts) ?? given.Cmd ?? INIT,
      Labels: sorted({ ...given.Labels, ...labels }),
      StopSignal: given.StopSignal ?? STOP,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ written }) => written.diffId) },
    history: layers.map(({ plan }) => ({ created, created_by: plan.title })),
  };
}

/** The option's, the treefile's, or what another tool left in the metadata. */
function command({ cmd, commit }: ConfigParts): string[] | undefined {
  if (cmd.length > 0) return [...cmd];
  const { metadata } = commit;
  const words = treefileOf(metadata)['container-cmd'] ?? metadata['ostree.container-cmd'];
  return isWords(words) && words.length > 0 ? words : undefined;
}

const isWords = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((word) => typeof word === 'string');

/**
 * Reads --image-config: the `config` of an image, or a whole configuration of which only that counts.
 * @throws AotError `data` for something else
 */
export function readBase(file: string | undefined): ImageConfig | undefined {
  if (file === undefined) return undefined;
  const text = readText(file);
  const config = asObject(text);
  const wrong = config === undefined ? 'it is not one JSON object' : wrongMember(config);
  if (wrong === undefined) return { config } as ImageConfig;
  throw new AotError('data', `cannot use '${file}': ${wrong}`, {
    hint: 'it holds an image\'s configuration, as in {"config": {"Env": ["A=b"]}}',
  });
}

type Config = Record<string, unknown>;

function asObject(text: string): Config | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    return isObject(value['config']) ? value['config'] : value;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Config =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const MEMBERS: Record<string, (value: unknown) => boolean> = {
  Env: isWords,
  Cmd: isWords,
  Entrypoint: isWords,
  Labels: (value) => isObject(value) && Object.values(value).every((v) => typeof v === 'string'),
  StopSignal: (value) => typeof value === 'string',
  User: (value) => typeof value === 'string',
  WorkingDir: (value) => typeof value === 'string',
  ExposedPorts: isObject,
  Volumes: isObject,
};

function wrongMember(config: Config): string | undefined {
  for (const [name, value] of Object.entries(config)) {
    if (MEMBERS[name] === undefined) return `'${name}' is no member of it`;
    if (!MEMBERS[name](value)) return `'${name}' is of another type`;
  }
  return undefined;
}
