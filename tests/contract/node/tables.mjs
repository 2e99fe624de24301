// Writes what twitter-text 3.1.0 and its twemoji-parser know as data: the letters, marks and numerals of a hashtag and
// the emoji that count as one. Run with `npm run tables`; app/text/x_tables.py reads the file.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
const source = (name) => require(`twitter-text/dist/regexp/${name}.js`).source;

// The classes are asked for every code point under the `i` flag, because JavaScript's case folding adds characters.
function ranges(pattern) {
  const matcher = new RegExp(`^(?:${pattern})$`, 'i');
  const found = [];
  let start = -1;
  for (let point = 0; point <= 0x110000; point += 1) {
    const matches = point < 0x110000 && matcher.test(String.fromCodePoint(point));
    if (matches && start < 0) start = point;
    if (!matches && start >= 0) {
      const end = point - 1;
      found.push(start === end ? start.toString(16) : `${start.toString(16)}-${end.toString(16)}`);
      start = -1;
    }
  }
  return found.join(' ');
}

// The emoji pattern is written in UTF-16 code units; Python's patterns take code points.
function inCodePoints(pattern) {
  const join = (high, low) => 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  const escape = (point) => `\\U${point.toString(16).padStart(8, '0')}`;
  return pattern
    .replace(/\\u(d[89ab][0-9a-f]{2})(?:\\u(d[c-f][0-9a-f]{2})|\[((?:\\u[0-9a-f]{4}|-)+)\])/g, (_, high, low, set) => {
      const one = (hex) => escape(join(parseInt(high, 16), parseInt(hex, 16)));
      return low ? one(low) : `[${set.replace(/\\u([0-9a-f]{4})/g, (__, hex) => one(hex))}]`;
    });
}

const parser = readFileSync(require.resolve('twemoji-parser/dist/lib/regex.js'), 'utf8');
const tables = {
  source: 'twitter-text 3.1.0 (Apache-2.0) and twemoji-parser 11.0.2 (MIT), Copyright Twitter, Inc. and other contributors',
  letters_and_marks: ranges(source('hashtagAlpha')),
  letters_marks_and_numerals: ranges(source('hashtagAlphaNumeric')),
  emoji: inCodePoints(/exports\.default = \/(.*)\/g;/s.exec(parser)[1]),
};
writeFileSync(process.argv[2], `${JSON.stringify(tables, null, 1)}\n`);
