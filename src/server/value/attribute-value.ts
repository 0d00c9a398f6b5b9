/** Values and items in the form that DynamoDB's model gives them: `{ S: 'ada' }`. Each has exactly one member. */

export interface AttributeValue {
  readonly S?: string
  readonly N?: string
  readonly B?: Uint8Array
  readonly SS?: readonly string[]
  readonly NS?: readonly string[]
  readonly BS?: readonly Uint8Array[]
  readonly M?: AttributeMap
  readonly L?: readonly AttributeValue[]
  readonly NULL?: boolean
  readonly BOOL?: boolean
}

/** Attributes by name: an item, a key, a map. */
export type AttributeMap = Readonly<Record<string, AttributeValue>>
