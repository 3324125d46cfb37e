/** How often a test repeats something: a small number in `npm test`, the full one in `npm run soak`. */
export function repetitions(count: { quick: number; soak: number }): number {
  return process.env.SOAK ? count.soak : count.quick;
}
