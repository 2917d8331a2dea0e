import { AotError } from '@apt-ostree/errors';
import { type PlanStep, packageId } from '@apt-ostree/manifest';
import { satisfies } from 'deb-version';
import { Deb822Error, parseRelationships, type Relationship } from 'deb822';
import type { PackageRecord } from './package-index.ts';

const identity = ({ stanza }: PackageRecord): string =>
  packageId({ name: stanza.get('Package') ?? '', architecture: stanza.get('Architecture') ?? '' });

/**
 * The Essential packages of a solution with all that they depend on, as name:architecture, in the order in which apt's plan
 * configures them (unpacks them, where it leaves configuring to the end). See Debian policy section 3.8.
 */
export function essentialClosure(records: readonly PackageRecord[], plan: readonly PlanStep[]): string[] {
  const providers = providersOf(records);
  const closure = new Set<PackageRecord>();
  const todo = records.filter(({ stanza }) => stanza.get('Essential') === 'yes');
  for (let record = todo.pop(); record !== undefined; record = todo.pop()) {
    if (closure.has(record)) continue;
    closure.add(record);
    todo.push(...dependenciesOf(record, providers));
  }
  const order = positions(plan);
  return [...closure].map(identity).sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0) || (a < b ? -1 : 1));
}

type Providers = Map<string, { record: PackageRecord; version: string | undefined }[]>;

/** Who stands for a name: the package itself, and those that provide it. */
function providersOf(records: readonly PackageRecord[]): Providers {
  const providers: Providers = new Map();
  const add = (name: string, record: PackageRecord, version: string | undefined) =>
    providers.set(name, [...(providers.get(name) ?? []), { record, version }]);
  for (const record of records) add(record.stanza.get('Package') ?? '', record, record.stanza.get('Version'));
  for (const record of records)
    for (const [p] of relations(record, 'Provides')) if (p) add(p.name, record, p.version?.version);
  return providers;
}

/** Of every choice the first alternative that is in the solution. */
function dependenciesOf(record: PackageRecord, providers: Providers): PackageRecord[] {
  const choices = [...relations(record, 'Pre-Depends'), ...relations(record, 'Depends')];
  return choices.flatMap((choice) => choice.flatMap((wanted) => standFor(wanted, providers)).slice(0, 1));
}

function relations({ stanza }: PackageRecord, field: string): Relationship[][] {
  try {
    return parseRelationships(stanza.get(field) ?? '');
  } catch (error) {
    if (!(error instanceof Deb822Error)) throw error;
    throw new AotError('data', `cannot use field '${field}' of '${stanza.get('Package')}': ${error.message}`, {
      code: 'broken-index',
    });
  }
}

const standFor = ({ name, version: wanted }: Relationship, providers: Providers): PackageRecord[] =>
  (providers.get(name) ?? [])
    .filter(({ version }) => !wanted || (version !== undefined && satisfies(version, wanted.relation, wanted.version)))
    .map(({ record }) => record);

function positions(plan: readonly PlanStep[]): Map<string, number> {
  const unpacked = plan.filter((s) => s.action === 'unpack').flatMap((s) => s.packages);
  const configured = plan.filter((s) => s.action === 'configure').flatMap((s) => s.packages);
  const late = unpacked.filter((id) => !configured.includes(id));
  return new Map([...configured, ...late].map((id, n) => [id, n]));
}
