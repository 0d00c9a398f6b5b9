/**
 * The seam in the middle of the AWS door. In front of it, requests arrive (over HTTP, from an SDK's client in this process)
 * and are checked against the shapes of DynamoDB's model; behind it, operations are performed.
 *
 * What passes is in the form that the SDKs' own models have: members by their names, attribute values as `{ S }`, `{ N }`, …,
 * binary values as `Uint8Array`, times as seconds since 1970.
 */

/** A request or an answer, of any operation. Its members are its own properties; read no others. */
export type Members = Readonly<Record<string, unknown>>

export interface Performer {
  /**
   * Performs one operation, such as `PutItem`, whose input has the shape that DynamoDB's model demands.
   *
   * @throws {AwsError} What DynamoDB answers when it refuses.
   */
  perform(operation: string, input: Members): Promise<Members>
}
