/** The grammar of names (D-Bus specification, "Valid Names" and "Valid Object Paths"). */

const MAX_NAME = 255;

export const isObjectPath = (text: string): boolean => /^\/$|^(\/[A-Za-z0-9_]+)+$/.test(text);

export const isMember = (text: string): boolean => text.length <= MAX_NAME && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

/** An interface's name, and an error's. */
export const isInterface = (text: string): boolean =>
  text.length <= MAX_NAME && /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$/.test(text);

/** A unique name (`:1.42`) or a well-known one. */
export const isBusName = (text: string): boolean =>
  text.length <= MAX_NAME &&
  (/^:[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/.test(text) ||
    /^[A-Za-z_-][A-Za-z0-9_-]*(\.[A-Za-z_-][A-Za-z0-9_-]*)+$/.test(text));
