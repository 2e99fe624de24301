// Writes what twitter-text 3.1.0 and its twemoji-parser know as data: the letters, marks and numerals of a hashtag and
// the emoji sequences that count as one. Run with `npm run tables`; app/text/x_tables.py reads the file.
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

// The library holds its emoji as a pattern; what it knows is the finite set of sequences that the pattern takes. This
// reads the few forms that the pattern is made of: code units, classes, groups, alternatives, ? and one negative look.
function sequences(pattern) {
  const NOT_AS_TEXT = '\u0000'; // stands for (?!\ufe0e): the character counts unless it is asked for as text
  let at = 0;
  const eat = (text) => pattern.startsWith(text, at) && ((at += text.length), true);
  // A code unit is written \uXXXX, or as itself.
  const unit = () => pattern[at] === '\\' ? String.fromCharCode(parseInt(pattern.slice(at + 2, (at += 6)), 16)) : pattern[at++];
  const joined = (left, right) => left.flatMap((one) => right.map((other) => one + other));
  function alternatives() {
    const all = [];
    do all.push(...row()); while (eat('|'));
    return all;
  }
  function row() {
    let all = [''];
    while (at < pattern.length && !'|)'.includes(pattern[at])) all = joined(all, item());
    return all;
  }
  function item() {
    if (eat('(?!\\ufe0e)')) return [NOT_AS_TEXT];
    let all;
    if (eat('(?:') || eat('(')) {
      all = alternatives();
      if (!eat(')')) throw new Error(`expected ) at ${at}`);
    } else if (eat('[')) {
      all = [];
      while (!eat(']')) {
        const first = unit();
        const last = eat('-') ? unit() : first;
        for (let c = first.charCodeAt(0); c <= last.charCodeAt(0); c += 1) all.push(String.fromCharCode(c));
      }
    } else all = [unit()];
    return eat('?') ? ['', ...all] : all;
  }
  // Inside a sequence the look holds, for what follows there is no sign for text.
  return [...new Set(alternatives().map((one) => one.replace(/\u0000(?!$)/g, '')))].sort();
}

const parser = readFileSync(require.resolve('twemoji-parser/dist/lib/regex.js'), 'utf8');
const emoji = sequences(/exports\.default = \/(.*)\/g;/s.exec(parser)[1]);
const tables = {
  source: 'twitter-text 3.1.0 (Apache-2.0) and twemoji-parser 11.0.2 (MIT), Copyright Twitter, Inc. and other contributors',
  letters_and_marks: ranges(source('hashtagAlpha')),
  letters_marks_and_numerals: ranges(source('hashtagAlphaNumeric')),
  emoji: emoji.filter((one) => !one.endsWith('\u0000')).join(' '),
  emoji_unless_text: emoji.filter((one) => one.endsWith('\u0000')).map((one) => one.slice(0, -1)).join(' '),
};
writeFileSync(process.argv[2], `${JSON.stringify(tables, null, 1)}\n`);
