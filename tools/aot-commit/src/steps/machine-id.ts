import type { Layout } from '../layout.ts';

/**
 * With `machineid-compat` (the default) /etc/machine-id is there and empty: systemd fills it, and no unit takes the boot
 * for the first. Without, it is absent and the first boot is one: machine-id(5), "First Boot Semantics".
 */
export function machineId({ tree, settings }: Layout): void {
  tree.remove('etc/machine-id');
  if (settings.machineidCompat) tree.write('etc/machine-id', '', { mode: 0o444 });
}
