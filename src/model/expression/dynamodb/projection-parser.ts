/** Projections: text to the paths that are kept. */
import type { ParsedProjection, PathNode } from './expression.js'
import { OperandParser } from './operand-parser.js'
import { type ParseOptions, TokenReader } from './token-reader.js'

const KEYWORDS: ReadonlySet<string> = new Set()

/** @throws {ValidationException} `EXPRESSION_SYNTAX` or `EXPRESSION_TOO_LONG`. */
export function parseProjection(source: string, { isTemplate = false }: ParseOptions = {}): ParsedProjection {
  const reader = new TokenReader('ProjectionExpression', source, { keywords: KEYWORDS, isTemplate })
  const operands = new OperandParser(reader)
  const paths: PathNode[] = []
  do paths.push(operands.path())
  while (reader.takeSign(','))
  if (reader.peek().kind !== 'end') throw reader.syntaxError()
  return { paths }
}
