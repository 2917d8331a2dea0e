/** Bytes of the header and of the footer of an .xz stream. */
const EDGE = 12;

/**
 * How long the content of one .xz stream is, from the index at its end (The .xz File Format, sections 2.1.2 and 4). xz
 * checks that index against what it decompressed, so a wrong one never goes unnoticed.
 * @returns undefined for anything but one whole stream with nothing after it
 */
export function xzSize(stream: Buffer): number | undefined {
  const footer = stream.subarray(-EDGE);
  if (stream.length < 2 * EDGE || footer.toString('latin1', 10) !== 'YZ') return undefined;
  const length = (footer.readUInt32LE(4) + 1) * 4;
  const start = stream.length - EDGE - length;
  if (start < EDGE) return undefined;
  const numbers = varints(stream.subarray(start, stream.length - EDGE - 4));
  return numbers && sumOfBlocks(numbers, start);
}

/** Indicator, number of blocks, and for each its size as it is stored and as it was. */
function sumOfBlocks([indicator, blocks, ...sizes]: number[], start: number): number | undefined {
  if (indicator !== 0 || blocks === undefined || sizes.length < 2 * blocks) return undefined;
  let stored = EDGE;
  let sum = 0;
  for (let i = 0; i < blocks; i++) {
    stored += Math.ceil((sizes[2 * i] as number) / 4) * 4;
    sum += sizes[2 * i + 1] as number;
  }
  return stored === start ? sum : undefined; // else there are several streams
}

/** Seven bits a byte, the lowest first, the highest bit saying that there is more. */
function varints(bytes: Buffer): number[] | undefined {
  const found: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
    scale *= 128;
    if (byte & 0x80) continue;
    found.push(value);
    value = 0;
    scale = 1;
  }
  return found;
}
