export interface Marked {
  name: string;
  architecture: string;
}

/**
 * apt's /var/lib/apt/extended_states: which packages were installed for others only. apt counts packages of
 * architecture `all` to the native one.
 */
export const extendedStates = (automatic: readonly Marked[], native: string): string =>
  automatic
    .map((p) => ({ ...p, architecture: p.architecture === 'all' ? native : p.architecture }))
    .map((p) => `Package: ${p.name}\nArchitecture: ${p.architecture}\nAuto-Installed: 1\n\n`)
    .join('');
