/** How packages are named wherever a name alone is not enough: `name:architecture`. */
export const packageId = (p: { name: string; architecture: string }): string => `${p.name}:${p.architecture}`;
