import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { cachePaths, defaultCachedir, parseManifest } from '@apt-ostree/manifest';
import { checkSignatures, openBareRepo, type Signatures, sign } from '@apt-ostree/ostree';
import { ownProgram, type Stage } from '@apt-ostree/pipeline';
import { replaceFile, sweep, temporaryDirectory } from '@apt-ostree/run';
import { piping } from '../session.ts';
import { flag } from '../stage-arguments.ts';
import type { ChunkedArgs } from './chunked.command.ts';
import { commitRootfs } from './commit-rootfs.ts';
import { readComponents } from './components.ts';
import { exportStage } from './export-stage.ts';
import { imageReport, readImage } from './report.ts';
import { settingsOf } from './source-image.ts';
import { withoutComponents } from './without-components.ts';

/** `compose build-chunked-oci`: a tree becomes a commit that nobody keeps, and that an image. */
export async function chunked(args: ChunkedArgs, context: Context): Promise<string> {
  const request = readRequest(args);
  await checkSignatures(request.keys);
  const { tmp } = cachePaths(args.cachedir ?? defaultCachedir());
  await sweep(tmp);
  const work = await temporaryDirectory(tmp);
  try {
    return imageReport(readImage(await write(request, work.path, args, context)));
  } finally {
    await work.remove();
  }
}

interface Request {
  rootfs: string | undefined;
  from: string | undefined;
  output: string;
  format: 'plain' | 'encapsulated';
  keys: Signatures;
}

function readRequest(args: ChunkedArgs): Request {
  const { rootfs, from, output } = args;
  if (!args.bootc) throw new AotError('usage', 'option --bootc must be specified');
  if (output === undefined) throw new AotError('usage', 'option --output must be specified');
  if ((rootfs === undefined) === (from === undefined))
    throw new AotError('usage', 'one of the options --rootfs and --from must be specified');
  const keys = signatures(args['sign-commit']);
  if (keys.ed25519 !== undefined && from !== undefined)
    throw new AotError('usage', "cannot use '--sign-commit' with '--from'");
  const kept = args['format-version'] !== undefined || keys.ed25519 !== undefined;
  return { rootfs, from, output: tagged(output, args.reference), format: kept ? 'encapsulated' : 'plain', keys };
}

function signatures(text: string | undefined): Signatures {
  const [, type, file] = /^([^=]+)=(.+)$/.exec(text ?? '') ?? [];
  if (text === undefined || type === 'ed25519') return { gpg: [], gpgHomedir: undefined, ed25519: file };
  throw new AotError('usage', `cannot use '${text}' for --sign-commit`, { hint: 'it takes ed25519=FILE' });
}

/** A layout or archive has a name for its image. */
function tagged(output: string, tag: string): string {
  const isPath = /^oci(-archive)?:[^:]+$/.test(output);
  return isPath ? `${output}:${tag}` : output;
}

async function write(request: Request, work: string, args: ChunkedArgs, context: Context): Promise<string> {
  const { output, format, keys, from } = request;
  const repo = join(work, 'repo');
  const { pipe } = piping(context);
  const settings = from === undefined ? {} : await settingsFrom(from, work, args, context);
  const committed = await commit(request, repo, pipe, args);
  const { ref, components } = await divided(repo, committed, format, work);
  if (keys.ed25519 !== undefined) await sign(repo, ref, keys);
  const options = { output, format, previous: args['previous-build'], repo, ref, components };
  return pipe([exportStage({ ...args, ...settings }, options)]);
}

async function settingsFrom(from: string, work: string, args: ChunkedArgs, context: Context) {
  const settings = await settingsOf(from, args, context);
  const config = join(work, 'config.json');
  replaceFile(config, JSON.stringify(settings));
  return { 'image-config': config, cmd: settings.Cmd ?? [] };
}

async function commit(
  { rootfs, from, format }: Request,
  repo: string,
  pipe: ReturnType<typeof piping>['pipe'],
  args: ChunkedArgs,
): Promise<string> {
  if (from === undefined) return commitRootfs(await openBareRepo(repo), rootfs as string, format === 'encapsulated');
  return parseManifest(await pipe([importStage(from, repo, args)]), ['aot.commit/v1'], 'aot-ociimport').commit;
}

/** What is to be written, and a file of the paths that asked for layers of their own. Files lose the attribute where the image has the commit. */
async function divided(repo: string, commit: string, format: Request['format'], work: string) {
  const found = await readComponents(repo, commit);
  if (found.size === 0) return { ref: commit };
  const components = join(work, 'components.json');
  replaceFile(components, JSON.stringify(Object.fromEntries([...found].map(([path, name]) => [inImage(path), name]))));
  if (format === 'plain') return { ref: commit, components };
  const bare = await openBareRepo(repo);
  return { ref: await withoutComponents(bare, commit, found), components };
}

const inImage = (path: string): string => path.replace(/^usr\/etc(?=\/|$)/, 'etc');

const importStage = (from: string, repo: string, args: ChunkedArgs): Stage => ({
  name: 'ociimport',
  command: [
    ...ownProgram('aot-ociimport'),
    ...[from, '--repo', repo, '--any-image'],
    ...flag('authfile', args.authfile),
    ...flag('cert-dir', args['cert-dir']),
    ...flag('no-tls-verify', args['no-tls-verify']),
    ...flag('transport', args.transport),
  ],
  own: true,
});
