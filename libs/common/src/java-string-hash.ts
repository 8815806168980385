/**
 * `String.hashCode` of Java: 31-polynomial over UTF-16 units with 32-bit wrap. Result is a signed 32-bit integer.
 * Tag codes and queue choice by key depend on it being exactly Java's.
 */
export function javaStringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}
