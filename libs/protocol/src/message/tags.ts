import { RocketMQError, javaStringHash } from '../../../common/src/index.js';

/** A tag expression taken apart. */
export interface TagFilter {
  /** "*" or the expression as given. */
  readonly subString: string;
  /** Empty = all. In order of appearance, without repetition. */
  readonly tagsSet: readonly string[];
  /** Hash codes of the tags, without repetition. */
  readonly codeSet: readonly number[];
}

export const allTags = '*';

/**
 * "a || b": tags between bars, blanks around them trimmed, empty ones dropped. "", undefined and "*" mean all.
 *
 * @throws RocketMQError ARGUMENT_INVALID when nothing but bars is there.
 */
export function parseTagExpression(expression: string | undefined): TagFilter {
  if (expression === undefined || expression === '' || expression === allTags) {
    return { subString: allTags, tagsSet: [], codeSet: [] };
  }
  // Java's split forgets trailing empty parts, so that bars alone leave nothing.
  if (/^(\|\|)+$/.test(expression)) {
    throw new RocketMQError('ARGUMENT_INVALID', `tag expression ${JSON.stringify(expression.slice(0, 64))} has no tag`);
  }
  const tags = new Set<string>();
  for (const part of expression.split('||')) {
    const tag = javaTrim(part);
    if (tag !== '') tags.add(tag);
  }
  const tagsSet = [...tags];
  return { subString: expression, tagsSet, codeSet: [...new Set(tagsSet.map(javaStringHash))] };
}

/** Java's trim: everything up to U+0020 at both ends, and no Unicode blanks. */
export function javaTrim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}

/** What a consume queue entry keeps of a message's TAGS: 0 without. */
export function tagsCode(tags: string | undefined): number {
  return tags === undefined ? 0 : javaStringHash(tags);
}

/** Whether a consume queue entry may match: hashes collide, so readers compare the tag itself once more. */
export function matchesTagsCode(filter: Pick<TagFilter, 'subString' | 'codeSet'>, code: number): boolean {
  return filter.subString === allTags || filter.codeSet.includes(code);
}
