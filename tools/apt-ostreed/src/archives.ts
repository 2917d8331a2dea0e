import { type Dictionary, Variant } from '@apt-ostree/dbus';
import { ask } from './apt-ostree.ts';
import { at } from './requests/base.ts';

type Json = Record<string, string | number | boolean>;

/** Looks are made one after the other: each is a process that reads whole indices, and everybody may ask for one. */
let turn: Promise<unknown> = Promise.resolve();

function inTurn(args: readonly string[]): Promise<Json[]> {
  const answer = turn.then(async () => JSON.parse(await ask(args)) as Json[]);
  turn = answer.catch(() => {});
  return answer;
}

/** Packages of the archives, as `ex find-packages` finds them. */
export async function lookUp(
  sysroot: string,
  stateroot: string,
  by: 'name' | 'provides' | 'text',
  terms: readonly string[],
): Promise<Dictionary[]> {
  if (terms.length === 0) return [];
  const where = ['--sysroot', sysroot, ...at(stateroot)];
  const rows = await inTurn(['ex', 'find-packages', ...where, `--by=${by}`, '--', ...terms]);
  return rows.map((row) => new Map(Object.entries(row).map(([key, value]) => [key, member(value)])));
}

/** The entries of /etc/apt that have a name of rpm-ostree's. */
export async function listedSources(sysroot: string, stateroot: string): Promise<Dictionary[]> {
  const rows = await inTurn(['ex', 'sources', '--sysroot', sysroot, ...at(stateroot)]);
  return rows.map(
    ({ id, description, isSource, isEnabled }) =>
      new Map([
        ['id', new Variant('s', id)],
        ['description', new Variant('s', description)],
        ['is-devel', new Variant('b', false)],
        ['is-source', new Variant('b', isSource)],
        ['is-enabled', new Variant('b', isEnabled)],
      ]),
  );
}

/** An epoch is the only number. */
const member = (value: string | number | boolean): Variant =>
  typeof value === 'number' ? new Variant('t', BigInt(value)) : new Variant('s', value);
