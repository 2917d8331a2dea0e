/** The lines of a value: each without the blank that marks a continuation; ` .` stands for an empty one. */
export const lines = (value: string): string[] =>
  value.split('\n').map((line, index) => {
    const text = index === 0 ? line : line.slice(1);
    return index > 0 && text === '.' ? '' : text;
  });

/** The text of a value that is all continuation, such as an inline key in Signed-By. */
export const text = (value: string): string => lines(value).join('\n').replace(/^\n/, '');

/** The words of a value, split at white space, as in Architectures or Suites. */
export const words = (value: string): string[] => value.split(/\s+/).filter((word) => word !== '');

/** Makes a value whose first line is empty and whose continuation lines are those of `text`. */
export const multiline = (text: string): string =>
  text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `\n ${line.trim() === '' ? '.' : line.trimEnd()}`)
    .join('');
