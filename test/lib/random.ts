/**
 * Numbers in [0, 1) by chance, the same for the same seed (mulberry32).
 * @param seed of `AOT_SEED`, so that a failure can be had again; else of the clock
 */
export function random(seed = Number(process.env['AOT_SEED'] ?? Date.now() % 1_000_000)) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { seed, next };
}
