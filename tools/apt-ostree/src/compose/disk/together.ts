/**
 * Waits for all of it, and only then fails with the first error: nobody may still be writing when what they write to is
 * removed.
 */
export async function together(...work: Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}
