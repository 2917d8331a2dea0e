/** One record of apt's preferences. See apt_preferences(5). */
export interface Pin {
  /** Package name, also as name:architecture. */
  package: string;
  /** As in `version 1.2-3` or `release *`. */
  pin: string;
  priority: number;
}

/** Never, whoever asks for it. */
export const excluded = (name: string): Pin => ({ package: name, pin: 'release *', priority: -1 });

/** This version, even where another is newer. */
export const exactly = (name: string, version: string): Pin => ({
  package: name,
  pin: `version ${version}`,
  priority: 1001,
});

/** The text of a preferences file. */
export const formatPins = (pins: readonly Pin[]): string =>
  pins.map((p) => `Package: ${p.package}\nPin: ${p.pin}\nPin-Priority: ${p.priority}\n`).join('\n');
