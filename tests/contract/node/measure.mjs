// Reads JSON lines {"id","text"} and answers, for each, what the networks' own libraries make of the text.
import { createInterface } from 'node:readline';
import { RichText } from '@atproto/api';
import twitter from 'twitter-text';

function onX(text) {
  const parsed = twitter.parseTweet(text);
  return { length: parsed.weightedLength, valid: parsed.valid, hashtags: twitter.extractHashtags(text) };
}

function onBluesky(text) {
  const rich = new RichText({ text });
  rich.detectFacetsWithoutResolution();
  const bytes = Buffer.from(text);
  // A cashtag is a tag facet too; it begins with `$` in the text itself.
  const tags = (rich.facets ?? [])
    .flatMap((facet) => facet.features.map((feature) => [facet.index.byteStart, feature]))
    .filter(([start, feature]) => feature.$type === 'app.bsky.richtext.facet#tag' && bytes[start] !== 0x24)
    .sort(([one], [other]) => one - other)
    .map(([, feature]) => feature.tag);
  return { length: rich.graphemeLength, bytes: rich.length, hashtags: tags };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, text } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id, x: onX(text), bluesky: onBluesky(text) })}\n`);
}
