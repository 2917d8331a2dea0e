import type { PackageDifference } from '@apt-ostree/host';
import { type Advisory, advisoryCount, advisoryLines } from '../advisory.ts';
import { countText, type Section, sections } from '../package-text.ts';
import { utc } from '../utc.ts';
import { endOfLife } from './end-of-life.ts';
import type { Facts } from './facts.ts';
import type { PackageTuple } from './layer.ts';
import { linesRow, row, wordsRow } from './rows.ts';
import { signatureText } from './signature.ts';
import type { Waiting } from './waiting.ts';

export interface TextOptions {
  verbose: boolean;
  /** Security updates one by one. */
  advisories: boolean;
  /** Only the booted deployment: another heading. */
  booted: boolean;
  severalStateroots: boolean;
}

/** All deployments in rpm-ostree's layout: a dot before the booted one, keys right-aligned. */
export function deploymentsText(all: readonly Facts[], waiting: Waiting | undefined, options: TextOptions): string {
  const heading = options.booted ? 'BootedDeployment:' : 'Deployments:';
  const blocks = all.map((facts) => {
    const difference = waiting?.facts === facts ? waiting : undefined;
    return [title(facts, options), ...rows(facts, difference, options)].join('\n');
  });
  return `${heading}\n${blocks.join('\n\n')}\n`;
}

/** One deployment by itself. */
export function deploymentText(facts: Facts, verbose: boolean): string {
  const options = { verbose, advisories: verbose, booted: false, severalStateroots: false };
  return [title(facts, options), ...rows(facts, undefined, options)].join('\n');
}

function title({ deployment: { booted, index, origin, checksum } }: Facts, { verbose }: TextOptions): string {
  const source = origin.customUrl ?? origin.containerImageReference ?? origin.refspec ?? checksum;
  return `${booted ? '●' : ' '} ${source}${verbose ? ` (index: ${index})` : ''}`;
}

function rows(facts: Facts, waiting: Waiting | undefined, options: TextOptions): string[] {
  const { deployment: d, base, layer } = facts;
  const { verbose } = options;
  const prefix = facts.live === undefined ? '' : 'Booted';
  return [
    ...row('Damaged', d.damage?.message),
    ...row('Digest', facts.image?.digest),
    ...row('CustomOrigin', d.origin.customDescription),
    ...row('OstreeRemoteStatus', facts.remoteError),
    ...versionRow(facts),
    ...row(`${prefix}${layer.isLayered ? 'BaseCommit' : 'Commit'}`, base.checksum),
    ...row(`${prefix}Commit`, layer.isLayered && verbose ? d.checksum : undefined),
    ...liveRows(facts, verbose),
    ...row('Staged', verbose ? yesNo(d.staged) : undefined),
    ...row('FinalizationLocked', d.finalizationLocked ? 'yes' : undefined),
    ...row('StateRoot', verbose || options.severalStateroots ? d.stateroot : undefined),
    ...signatureRows(facts),
    ...(waiting ? advisoryRows(waiting.advisories, options) : []),
    ...(waiting?.difference ? differenceRows(waiting.difference, verbose) : []),
    ...linesRow('EtcConflicts', verbose && waiting ? (waiting.changedInEtc ?? ['(only root can tell)']) : []),
    ...linesRow('EtcRefused', waiting?.refusedInEtc ?? []),
    ...wordsRow('RemovedBasePackages', layer.removed.map(nameAndVersion)),
    ...wordsRow('InactiveBaseRemovals', verbose ? inactiveRemovals(facts) : []),
    ...wordsRow('LocalOverrides', layer.replaced.map(replacement)),
    ...wordsRow('InactiveLocalOverrides', verbose ? inactiveReplacements(facts) : []),
    ...wordsRow('InactiveRequests', verbose ? inactiveRequests(facts) : []),
    ...wordsRow('LayeredPackages', layer.packages),
    ...wordsRow('LocalPackages', d.origin.packages.requestedLocal.map(withoutDigest)),
    ...wordsRow('LocalForcedPackages', d.origin.packages.requestedLocalFileoverride.map(withoutDigest)),
    ...row('Initramfs', initramfs(facts)),
    ...wordsRow('InitramfsEtc', d.origin.initramfsEtc),
    ...row('Pinned', d.pinned ? 'yes' : undefined),
    ...row('Unlocked', d.unlocked === 'none' ? undefined : d.unlocked),
    ...row('EndOfLife', endOfLife(base)),
  ];
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

function versionRow({ base }: Facts): string[] {
  const when = utc(base.timestamp);
  return base.version === undefined ? row('Timestamp', when) : row('Version', `${base.version} (${when})`);
}

function signatureRows({ signatures }: Facts): string[] {
  if (signatures === undefined) return [];
  if (signatures.length === 0) return row('GPGSignature', '(unsigned)');
  return signatures.flatMap((s) => row('GPGSignature', signatureText(s)));
}

/** What the running system has that the deployment has not. */
function liveRows({ live }: Facts, verbose: boolean): string[] {
  if (live === undefined) return [];
  const { commit, interrupted, difference } = live;
  const full = difference && verbose ? sections(difference) : [];
  return [
    ...row('InterruptedLiveCommit', interrupted),
    ...row('LiveCommit', commit),
    ...row('LiveDiff', difference && !verbose ? countText(difference) : undefined),
    ...full.flatMap(({ title, lines }) => lines.flatMap((l, i) => row(i ? '' : liveTitle(title), l))),
  ];
}

const liveTitle = (title: Section['title']): string => (title === 'Upgraded' ? title : `Live${title}`);

const advisoryRows = (rows: readonly Advisory[], { advisories }: TextOptions): string[] =>
  advisories ? linesRow('SecAdvisories', advisoryLines(rows)) : row('SecAdvisories', advisoryCount(rows));

/** In short how many, in full which. */
function differenceRows(difference: PackageDifference, verbose: boolean): string[] {
  if (!verbose) return row('Diff', countText(difference));
  return sections(difference).flatMap(({ title, lines }: Section) => lines.flatMap((l, i) => row(i ? '' : title, l)));
}

const nameAndVersion = ([, name, epoch, upstream, revision]: PackageTuple): string =>
  `${name} ${epoch === '' || epoch === '0' ? '' : `${epoch}:`}${upstream}${revision === '' ? '' : `-${revision}`}`;

const replacement = ([now, old]: [PackageTuple, PackageTuple]): string => {
  const version = nameAndVersion(now).slice(now[1].length + 1);
  return `${nameAndVersion(old)} -> ${version}`;
};

const inactiveRemovals = ({ deployment: { origin }, layer }: Facts): string[] =>
  origin.overrides.remove.filter((name) => !layer.removed.some((p) => p[1] === name));

const inactiveReplacements = ({ deployment: { origin }, layer }: Facts): string[] =>
  origin.overrides.replaceLocal.map(withoutDigest).filter((full) => !layer.replaced.some(([now]) => now[0] === full));

const inactiveRequests = ({ deployment: { origin }, layer }: Facts): string[] =>
  origin.packages.requested.filter((name) => !layer.packages.includes(name));

/** A local package is asked for as `SHA256:NAME_VERSION_ARCH`. */
const withoutDigest = (request: string): string => request.replace(/^[0-9a-f]{64}:/, '');

function initramfs({ deployment: { origin } }: Facts): string | undefined {
  if (!origin.regenerateInitramfs) return undefined;
  return origin.initramfsArgs.length > 0 ? origin.initramfsArgs.join(' ') : 'regenerate';
}
