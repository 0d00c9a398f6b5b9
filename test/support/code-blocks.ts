/** The TypeScript in README.md and docs/: one program for each document, of its blocks in their order. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const PROJECT: string = fileURLToPath(new URL('../..', import.meta.url))

/** Every document with a block in it that the filter takes, by its path in the project. */
export function documentsWithCode(isWanted: (block: string) => boolean): string[] {
  return ['README.md', ...markdownIn('docs')].filter((path) => blocksOf(path).some(isWanted))
}

export function blocksOf(path: string): string[] {
  const text = readFileSync(join(PROJECT, path), 'utf8')
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!)
}

/**
 * Blocks that import the AWS SDK run where it is installed, with all other blocks of their document; without it they are left
 * out. So no other block may rely on what they declare.
 */
export function needsAwsSdk(block: string): boolean {
  return block.includes("from '@aws-sdk/")
}

/** @param index The package's entry, as the program has to import it. */
export function programOf(blocks: readonly string[], index: string): string {
  return `${blocks.join('\n').replaceAll("from 'dynafile'", `from '${index}'`)}\nexport {}\n`
}

/** Where a document says "It prints", what does it say that its program prints? */
export function printedBy(path: string): string | undefined {
  return /It prints\n\n```text\n([\s\S]*?)```/.exec(readFileSync(join(PROJECT, path), 'utf8'))?.[1]
}

function markdownIn(directory: string): string[] {
  return readdirSync(join(PROJECT, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name))
}
