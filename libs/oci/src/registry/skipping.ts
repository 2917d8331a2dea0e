/** What follows after so many bytes. */
export async function* skipping(bytes: AsyncIterable<Buffer>, start: number): AsyncIterable<Buffer> {
  let left = start;
  for await (const chunk of bytes) {
    if (chunk.length > left) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
