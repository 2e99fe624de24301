// Times alex on the texts of standard input (a JSON array of strings): best of several rounds, in milliseconds a text.
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { text as check } from 'alex'

const { texts, rounds } = JSON.parse(readFileSync(0, 'utf8'))
let findings = 0
for (const text of texts) findings += check(text).messages.length
let best = Infinity
for (let round = 0; round < rounds; round++) {
  const start = performance.now()
  for (const text of texts) check(text)
  best = Math.min(best, (performance.now() - start) / texts.length)
}
console.log(JSON.stringify({ milliseconds: best, findings }))
