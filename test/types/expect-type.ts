/** Whether two types are the same, not only assignable to each other. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Compiles only for a value of exactly this type. */
export function expectType<A>(): <B>(_value: B, ..._: Equal<A, B> extends true ? [] : [never]) => void {
  return () => {}
}
