import { existsSync } from 'node:fs';
import { run } from '@apt-ostree/run';

/** What systemd says of a unit. */
export interface Unit {
  /** `loaded`, `not-found`. */
  load: string;
  /** `active`, `inactive`, `failed`, `activating`. */
  active: string;
  /** When it ended last, in microseconds of CLOCK_MONOTONIC; 0 for not since the boot. */
  ended: number;
}

const PROPERTIES = ['Id', 'LoadState', 'ActiveState', 'InactiveEnterTimestampMonotonic'];

/** Asks systemd for several units at once; none is known where it does not run. */
export async function showUnits(names: readonly string[]): Promise<Map<string, Unit>> {
  if (!existsSync('/run/systemd/system')) return new Map(); // sd_booted(3)
  const { stdout } = await run('systemctl', ['show', `--property=${PROPERTIES.join(',')}`, '--', ...names], {
    ok: 'any',
  });
  return parseUnits(stdout);
}

/** Blocks of KEY=VALUE lines with an empty line between them: systemctl(1). */
export function parseUnits(text: string): Map<string, Unit> {
  const blocks = text.split(/\n\n+/).map((block) => new Map(block.split('\n').map(keyAndValue)));
  return new Map(
    blocks.flatMap((block) => {
      const id = block.get('Id');
      const unit = { load: block.get('LoadState') ?? '', active: block.get('ActiveState') ?? '' };
      const ended = Number(block.get('InactiveEnterTimestampMonotonic') ?? 0);
      return id === undefined ? [] : [[id, { ...unit, ended }] as const];
    }),
  );
}

function keyAndValue(line: string): [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}
