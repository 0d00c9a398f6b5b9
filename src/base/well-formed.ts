/** Whether a text is text: every half of a surrogate pair has its other half. Nothing else can be written as UTF-8. */
export function isWellFormed(text: string): boolean {
  // In every Node we support, but in TypeScript's library only from ES2024.
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}
