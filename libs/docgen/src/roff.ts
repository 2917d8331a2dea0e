/** Text for a manual page: nothing in it is taken for a request (groff_man(7)), and quotes and dashes stay as they are typed. */
export function text(value: string): string {
  const escaped = value
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/'/g, '\\(aq')
    .replace(/`/g, '\\(ga')
    .replace(/\^/g, '\\(ha')
    .replace(/~/g, '\\(ti');
  return escaped.replace(/^\./gm, '\\&.');
}

export const bold = (value: string): string => `\\fB${text(value)}\\fR`;
export const italic = (value: string): string => `\\fI${text(value)}\\fR`;

/** A section, or nothing when it has no content. */
export const section = (title: string, body: string): string => (body === '' ? '' : `.SH ${title}\n${body}`);

/** Paragraphs from text with empty lines between them. */
export const paragraphs = (value: string): string =>
  value
    .split(/\n\n+/)
    .map((p) => text(p.replace(/\s*\n\s*/g, ' ').trim()))
    .join('\n.PP\n')
    .concat('\n');

/** A term and what it means. */
export const item = (term: string, body: string): string => `.TP\n${term}\n${body || '\\&'}\n`;

/** Lines as they are typed. */
export const verbatim = (value: string): string => `.RS 4\n.nf\n${text(value)}\n.fi\n.RE\n`;

/** `name(5)` in a list of references. */
export function reference(page: string): string {
  const at = page.lastIndexOf('(');
  return at < 0 ? bold(page) : bold(page.slice(0, at)) + text(page.slice(at));
}

/** The first line: no date, which would change with every run; the version says how old the page is. */
export const header = (name: string, number: number, version: string): string =>
  `.\\" Generated from the definitions; edit those.\n.TH "${name.toUpperCase()}" "${number}" "" "apt\\-ostree ${version}" "apt\\-ostree manual"\n`;
