import { machineArchitecture } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import {
  type ImageConfig,
  openSource,
  parseImageReference,
  platformOf,
  type RegistryArgs,
  readAndClose,
  transportOptions,
} from '@apt-ostree/oci';

type Settings = NonNullable<ImageConfig['config']>;

/** What an image says of how it is run, for one that is made of its tree. */
export async function settingsOf(reference: string, args: RegistryArgs, context: Context): Promise<Settings> {
  const source = await openSource(parseImageReference(reference), transportOptions(args, context.signal));
  const { config } = await readAndClose(source, platformOf(await machineArchitecture()), reference);
  return kept(config.config ?? {});
}

/** The members that an image configuration of the OCI may have; docker's has more. */
const MEMBERS = [
  ...['Env', 'Cmd', 'Entrypoint', 'StopSignal', 'User', 'WorkingDir'],
  ...['ExposedPorts', 'Volumes'],
] as const;

function kept(settings: Settings): Settings {
  const members = Object.entries(settings).filter(
    ([name, value]) => value !== null && value !== '' && MEMBERS.some((member) => member === name),
  );
  const labels = Object.entries(settings.Labels ?? {}).filter(([name]) => !OF_THAT_COMMIT.test(name));
  return { ...Object.fromEntries(members), Labels: Object.fromEntries(labels) };
}

/** Labels about the very commit that the image was made of; the tree may be another by now. */
const OF_THAT_COMMIT = /^(?:(?:rpm)?ostree\.|io\.github\.apt-ostree\.)/;
