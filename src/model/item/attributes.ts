/**
 * The attributes of a type of items. Items of several kinds in one table are a union of types, and each kind has attributes
 * that the others lack, while `keyof` knows only those that all of them have. There is no code here.
 */

/**
 * The names of the attributes that an item may have: of a union, those of every member. Those that all have come first: they
 * are what there is of a type that is not known yet, in code for items of any kind.
 */
export type AttributeName<T> = (keyof T & string) | (T extends unknown ? keyof T & string : never)

/** The same without those that only an index signature allows: the ones that somebody wrote down. */
export type NamedAttribute<T> = T extends unknown
  ? keyof { [N in keyof T as string extends N ? never : N extends string ? N : never]: T[N] }
  : never

/** What an attribute may be: of a union, in every member that has it. */
export type AttributeOf<T, N> = T extends unknown ? (N extends keyof T ? T[N] : never) : never

/** An item with some of its attributes, whatever kind it is of. */
export type Selected<T, N> = T extends unknown ? Pick<T, N & keyof T> : never

/** Options of a read that selects nothing, and so shows items as they are. */
export type Unselecting<Options> = Omit<Options, 'select'> & { readonly select?: never }
