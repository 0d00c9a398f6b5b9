/**
 * The least that a server can do with such requests: it reads each to its end, and answers as many bytes as DynamoDB would.
 * What it takes is node:http's, and nobody's whose server is made with that can take less. JavaScript, as its start is
 * measured too.
 *
 *   node bare-server.mjs <port> '{"PutItem":2,"GetItem":420}'
 */
import { createServer } from 'node:http'

const [port, lengths] = process.argv.slice(2)
const answers = new Map(
  Object.entries(JSON.parse(lengths)).map(([operation, length]) => [
    `DynamoDB_20120810.${operation}`,
    // JSON, should anybody read it.
    Buffer.from(`"${'.'.repeat(length - 2)}"`),
  ]),
)
const otherwise = Buffer.from('{}')

createServer((request, response) => {
  request.on('data', () => {})
  request.on('end', () => {
    const body = answers.get(request.headers['x-amz-target']) ?? otherwise
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': body.length })
    response.end(body)
  })
}).listen(Number(port), '127.0.0.1')
